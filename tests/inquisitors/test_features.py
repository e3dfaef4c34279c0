"""What the features must say of designs, whatever the space."""

import numpy as np
import pytest

from gensynth.design.space import DesignSpace
from gensynth.inquisitors.features import DesignFeatures
from gensynth.inquisitors.prior import Prior

SHORT, LONG = np.array([True]), np.array([False])


@pytest.fixture(scope="module")
def features(space: DesignSpace, prior: Prior) -> DesignFeatures:
    return DesignFeatures(space, prior)


def random_designs(space: DesignSpace, count: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, space.options_per_choice, (count, len(space.choices)))


def own(space: DesignSpace) -> np.ndarray:
    return np.array([space.prototype_design], dtype=np.int64)


def test_everything_but_the_bias_is_zero_at_the_prototype(
    space: DesignSpace, features: DesignFeatures
) -> None:
    batch = features.batch(own(space))
    np.testing.assert_array_equal(features.values(batch, LONG)[0, 1:], 0)
    np.testing.assert_array_equal(batch.coordinates, 0)


def test_columns_have_different_names_and_one_value_each(
    space: DesignSpace, features: DesignFeatures
) -> None:
    names = [column.name for column in features.columns]
    assert len(set(names)) == len(names)
    assert features.values(features.batch(own(space)), SHORT).shape == (1, len(names))


def test_random_designs_are_about_one_apart(space: DesignSpace, features: DesignFeatures) -> None:
    one, two = (features.batch(random_designs(space, 200, seed)).coordinates for seed in (0, 1))
    assert 0.7 < np.sqrt(((one - two) ** 2).sum(1).mean()) < 1.1


def test_the_fidelity_changes_only_the_columns_that_name_it(
    space: DesignSpace, features: DesignFeatures
) -> None:
    batch = features.batch(random_designs(space, 20))
    short = features.values(batch, np.repeat(SHORT, 20))
    long = features.values(batch, np.repeat(LONG, 20))
    for column, a, b in zip(features.columns, short.T, long.T, strict=True):
        assert (b == 0).all() if "short" in column.name else (a == b).all()


def test_inactive_choices_change_nothing(space: DesignSpace, features: DesignFeatures) -> None:
    designs = random_designs(space, 100)
    changed = np.where(space.active(designs), designs, (designs + 1) % space.options_per_choice)
    assert (changed != designs).any()
    flags = np.repeat(SHORT, 100)
    before, after = (features.values(features.batch(d), flags) for d in (designs, changed))
    np.testing.assert_allclose(before, after)


def test_the_width_share_is_the_mean_of_active_widths_in_doublings(
    space: DesignSpace, features: DesignFeatures
) -> None:
    design = list(space.prototype_design)
    widths = [i for i, c in enumerate(space.choices) if c.kind == "width"]
    design[widths[0]] = 0
    row = space.repair(np.array([design]))
    active = space.active(row)[0]
    doublings = [
        np.log2(float(c.options[row[0, i]]) / float(c.options[c.prototype]))
        for i, c in enumerate(space.choices)
        if c.kind == "width" and active[i]
    ]
    names = [c.name for c in features.columns]
    found = features.values(features.batch(row), LONG)[0, names.index("share width")]
    assert found == pytest.approx(np.mean(doublings))
    assert found < 0


def test_shares_count_active_bodies_only(space: DesignSpace, features: DesignFeatures) -> None:
    design = list(space.prototype_design)
    bodies = [i for i, c in enumerate(space.choices) if c.kind == "operation"]
    for i in bodies:
        design[i] = space.choices[i].index("separable")
    drop = next(i for i, c in enumerate(space.choices) if c.kind == "keep")
    design[drop] = space.choices[drop].index(False)
    names = [c.name for c in features.columns]
    values = features.values(features.batch(np.array([design])), LONG)[0]
    assert values[names.index("share separable")] == pytest.approx(1)
    keeps = sum(c.kind == "keep" for c in space.choices)
    assert values[names.index("share dropped")] == pytest.approx(1 / keeps)
