"""What is believed beforehand."""

import math

import numpy as np
import pytest

from gensynth.design.space import DesignSpace
from gensynth.inquisitors.columns import prior_means
from gensynth.inquisitors.features import DesignFeatures
from gensynth.inquisitors.prior import Prior


def prior(prototype_epochs: int, long_epochs: int = 8) -> Prior:
    return Prior(
        halving_cost_logits=0.2, prototype_epochs=prototype_epochs, long_epochs=long_epochs
    )


def test_a_prototype_trained_as_long_as_others_is_not_ahead() -> None:
    assert prior(8).prototype_ahead() == (0, 0)


def test_every_doubling_counts_as_much_and_is_less_sure() -> None:
    mean, deviation = prior(16).prototype_ahead()
    assert mean > deviation > 0
    assert prior(64).prototype_ahead() == pytest.approx((3 * mean, 3 * deviation))
    assert prior(4).prototype_ahead() == pytest.approx((-mean, deviation))


def test_halving_both_costs_is_expected_to_take_what_it_is_told() -> None:
    means = {column.name: column.mean for column in prior(8).cost_columns()}
    assert math.isclose(means["log2 parameters"] + means["log2 macs"], 0.2)


def test_columns_are_in_the_order_of_the_features(space: DesignSpace) -> None:
    features = DesignFeatures(space, prior(8))
    cheap = np.array([[0] * len(space.choices), space.prototype_design])
    batch = features.batch(space.repair(cheap))
    values = features.values(batch, np.array([False, True]))
    found = dict(zip((c.name for c in features.columns), values.T, strict=True))
    costs = np.log2(batch.costs.macs)
    assert found["log2 macs"].tolist() == pytest.approx([costs[0] - costs[1], 0])
    assert found["short"].tolist() == [0, 1]
    assert len(prior_means(features.columns)) == values.shape[1]
