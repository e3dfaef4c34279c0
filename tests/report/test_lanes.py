"""Edges that run beside a column do not meet in a lane."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from gensynth.report.lanes import is_far, is_short, lanes
from gensynth.report.layers import Place

PLACES: Mapping[str, Place] = {
    f"{column} {row}": Place(column, row, 0, 1) for column in range(3) for row in range(5)
}
ORDER = sorted(PLACES, key=lambda name: (PLACES[name].column, PLACES[name].row))
EDGES = [(a, b) for place, a in enumerate(ORDER) for b in ORDER[place + 1 :]]


@given(st.lists(st.sampled_from(EDGES), unique=True))
def test_edges_in_one_lane_of_a_column_share_no_row(edges: list[tuple[str, str]]) -> None:
    found = lanes(edges, PLACES)
    inside = [edge for edge in edges if PLACES[edge[0]].column == PLACES[edge[1]].column]
    for first in inside:
        for second in inside:
            a, b = PLACES[first[0]], PLACES[second[0]]
            both = (first, a.column) in found and (second, b.column) in found
            if first < second and both and a.column == b.column:
                same = found[first, a.column] == found[second, b.column]
                apart = (
                    PLACES[first[1]].row - 0.5 < b.row + 0.5
                    or PLACES[second[1]].row - 0.5 < a.row + 0.5
                )
                assert apart or not same


def test_only_long_edges_have_lanes_one_for_each_column_that_they_run_along() -> None:
    found = lanes(EDGES, PLACES)
    for edge in EDGES:
        columns = {column for other, column in found if other == edge}
        if is_short(edge, PLACES):
            assert not columns
        elif is_far(edge, PLACES):
            assert columns == {PLACES[edge[0]].column, PLACES[edge[1]].column - 1}
        else:
            assert columns == {PLACES[edge[0]].column}
