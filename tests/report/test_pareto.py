"""The front, against its definition."""

from hypothesis import given
from hypothesis import strategies as st

from gensynth.report.pareto import front

NUMBERS = st.integers(0, 6).map(float)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=12))
def test_the_front_is_what_no_other_beats(points: list[tuple[float, float]]) -> None:
    found = front([cost for cost, _ in points], [quality for _, quality in points])

    def beaten(i: int) -> bool:
        cost, quality = points[i]
        return any(
            (c <= cost and q >= quality and (c, q) != (cost, quality))
            or ((c, q) == (cost, quality) and j < i)
            for j, (c, q) in enumerate(points)
        )

    assert sorted(found) == [i for i in range(len(points)) if not beaten(i)]
    assert [points[i] for i in found] == sorted(points[i] for i in found)
