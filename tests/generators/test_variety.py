"""Variety against pairs counted one by one."""

from itertools import combinations

import numpy as np
import pytest

from gensynth.design.space import DesignSpace
from gensynth.errors import ConfigurationError
from gensynth.generators import categorical
from gensynth.generators.variety import (
    EQUAL_PAIRS,
    Variety,
    differing_share,
    equal_pairs_share,
    evened_out,
)


def drawn(space: DesignSpace, count: int, *, among: int | None = None) -> np.ndarray:
    """Random designs; `among`: so many different ones at most."""
    rng = np.random.default_rng(0)
    rows = rng.integers(space.options_per_choice, size=(among or count, len(space.choices)))
    if among:
        rows = rows[rng.integers(among, size=count)]
    return space.repair(rows)


def test_choices_that_differ_are_counted_where_either_design_has_them(space: DesignSpace) -> None:
    designs = drawn(space, 40)
    shares = []
    for one, other in zip(designs[:20], designs[20:], strict=True):
        either = space.active(one[None])[0] | space.active(other[None])[0]
        pair = space.canonical(np.stack([one, other]))
        shares.append((pair[0] != pair[1])[either].mean())
    assert differing_share(space, designs) == pytest.approx(np.mean(shares))


def test_equal_pairs_are_those_of_equal_graphs(space: DesignSpace) -> None:
    designs = drawn(space, 30, among=9)
    digests = [space.digest(tuple(row)) for row in designs.tolist()]
    equal = np.mean([a == b for a, b in combinations(digests, 2)])
    assert 0 < equal == pytest.approx(equal_pairs_share(space, designs))


def test_copies_are_no_variety_however_much_the_others_differ(space: DesignSpace) -> None:
    variety = Variety(space, 0.2, drawn(space, 256))
    assert variety.holds(drawn(space, 256))
    copied = drawn(space, 256, among=100)
    assert differing_share(space, copied) > 0.5
    assert not variety.holds(copied)
    assert Variety(space, 0.0, drawn(space, 256)).holds(copied)


def test_a_space_of_few_designs_need_not_have_more(space: DesignSpace) -> None:
    few = drawn(space, 256, among=20)
    assert equal_pairs_share(space, few) > EQUAL_PAIRS
    assert Variety(space, 0.2, few).holds(few)


def test_a_variety_that_the_space_does_not_have_is_refused(space: DesignSpace) -> None:
    for asked in (-0.1, 0.95):
        with pytest.raises(ConfigurationError, match=rf"variety={asked}: .* up to 0\.\d\d"):
            Variety(space, asked, drawn(space, 256))


def test_probabilities_are_evened_out_no_further_than_needed() -> None:
    sure = [np.array([0.9, 0.1])]

    def enough(probabilities: categorical.Probabilities) -> bool:
        return bool(probabilities[0][1] >= 0.25)  # 9 to 1 becomes 3 to 1: power 1/2

    np.testing.assert_allclose(evened_out(sure, enough)[0], [0.75, 0.25], atol=2e-3)
    assert enough(evened_out(sure, enough))
    assert evened_out(sure, lambda _: True) is sure
    np.testing.assert_allclose(evened_out(sure, lambda _: False)[0], 0.5)
