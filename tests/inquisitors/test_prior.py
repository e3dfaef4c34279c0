"""What is believed beforehand."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gensynth.design.space import Costs, DesignSpace
from gensynth.errors import ConfigurationError
from gensynth.inquisitors.columns import prior_means
from gensynth.inquisitors.features import DesignFeatures
from gensynth.inquisitors.prior import Prior

PRIOR = Prior(
    halving_cost_logits=0.2, prototype_epochs=8, short_epochs=2, long_epochs=8, inherit=False
)


def test_a_prototype_trained_as_long_as_others_is_not_expected_to_be_ahead() -> None:
    mean, deviation = PRIOR.prototype_ahead()
    assert mean == 0
    assert 0 < deviation < 0.3


def test_every_doubling_counts_as_much_and_is_less_sure() -> None:
    ahead = [replace(PRIOR, prototype_epochs=epochs).prototype_ahead() for epochs in (4, 16, 64)]
    means, deviations = zip(*ahead, strict=True)
    assert means[1] > 0
    assert means == pytest.approx((-means[1], means[1], 3 * means[1]))
    assert deviations[0] == deviations[1] < deviations[2]


def test_networks_that_inherit_the_prototypes_weights_lack_nothing() -> None:
    longer = replace(PRIOR, prototype_epochs=64)
    mean, deviation = replace(longer, inherit=True).prototype_ahead()
    assert (mean, deviation) == (0, longer.prototype_ahead()[1])


@pytest.mark.parametrize("widths", [True, False])
def test_halving_both_costs_is_expected_to_take_what_it_is_told(*, widths: bool) -> None:
    means = {column.name: column.mean for column in PRIOR.cost_columns(widths=widths)}
    halved = {"log2 parameters": -1.0, "log2 macs": -1.0, "curvature": -1.0}
    fall = sum(means[name] * value for name, value in halved.items())
    narrower = -0.5 * PRIOR.share_effect("width") if widths else 0.0
    assert fall + narrower == pytest.approx(-0.2)


@pytest.mark.parametrize(
    ("share", "halvings"),
    [("bottleneck", 2.5), ("separable", 1.0), ("strides 2-1-2", 1.25), ("dropped", 0.0)],
)
def test_what_a_family_lacks_grows_with_what_halving_costs_takes(
    share: str, halvings: float
) -> None:
    assert PRIOR.share_effect(share) == pytest.approx(-halvings * 0.2)
    steeper = replace(PRIOR, halving_cost_logits=0.4)
    assert steeper.share_effect(share) == pytest.approx(2 * PRIOR.share_effect(share))


def test_designs_are_expected_to_differ_by_their_shares(space: DesignSpace) -> None:
    means = {one.name: one.mean for one in DesignFeatures(space, PRIOR).columns}
    assert means["share width"] == PRIOR.share_effect("width") > 0
    strides = [name for name in means if name.startswith("share strides") and "short" not in name]
    assert strides
    assert all(means[name] < 0 for name in ["share bottleneck", "share separable", *strides])
    narrow = DesignFeatures(DesignSpace(space.graph, (), width_multiple=4), PRIOR).columns
    alone = {one.name: one.mean for one in narrow}
    assert alone["log2 macs"] == pytest.approx(4 * means["log2 macs"])


@pytest.mark.parametrize(("parameters", "macs"), [(0, 1), (2, 0), (3, 1), (2, 2)])
def test_costs_that_are_apart_are_expected_to_lack_a_quarter_times_the_square(
    space: DesignSpace, parameters: int, macs: int
) -> None:
    (imbalance,) = (one.mean for one in PRIOR.cost_columns(widths=True) if one.name == "imbalance")
    features = DesignFeatures(space, PRIOR)
    batch = features.batch(np.array([space.prototype_design]))
    own = batch.costs
    doubled = Costs(own.parameters * 2**parameters, own.macs * 2**macs)
    values = features.values(replace(batch, costs=doubled), np.array([False]))[0]
    found = dict(zip((c.name for c in features.columns), values, strict=True))
    assert imbalance * found["imbalance"] == pytest.approx(-0.2 / 4 * (macs - parameters) ** 2)


def test_a_short_training_lacks_what_its_doublings_bring() -> None:
    lacks = {}
    for epochs in (2, 4, 8):
        columns = replace(PRIOR, short_epochs=epochs).cost_columns(widths=True)
        (lacks[epochs],) = (column.mean for column in columns if column.name == "short")
    assert lacks[8] == 0
    assert lacks[2] == pytest.approx(2 * lacks[4])
    assert lacks[4] < 0


def test_columns_are_in_the_order_of_the_features(space: DesignSpace) -> None:
    features = DesignFeatures(space, PRIOR)
    cheap = np.array([[0] * len(space.choices), space.prototype_design])
    batch = features.batch(space.repair(cheap))
    values = features.values(batch, np.array([False, True]))
    found = dict(zip((c.name for c in features.columns), values.T, strict=True))
    costs = np.log2(batch.costs.macs)
    assert found["log2 macs"].tolist() == pytest.approx([costs[0] - costs[1], 0])
    assert found["short"].tolist() == [0, 1]
    assert len(prior_means(features.columns)) == values.shape[1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prototype_epochs", 0),
        ("short_epochs", -1),
        ("long_epochs", 0),
        ("halving_cost_logits", 0.0),
        ("halving_cost_logits", float("nan")),
    ],
)
def test_what_cannot_be_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=rf"inquisitor\.prior\.{name}={value} must be"):
        replace(PRIOR, **{name: value})
