"""The probe on networks: what it reads, and what it refuses."""

import numpy as np
import pytest
import torch

from gensynth.errors import ConfigurationError, DataError
from gensynth.inquisitors.places import places
from gensynth.inquisitors.probe import Stimulus
from gensynth.network.graph_network import GraphNetwork, evaluating
from gensynth.prototypes.resnet import resnet
from gensynth_plugins.effective_rank.effective_rank import EffectiveRank


@pytest.fixture
def network() -> GraphNetwork:
    return GraphNetwork(resnet((1, 8, 8), 4, depth=8, widths=(4, 8, 8)))


def probe(images: int = 60, positions: int = 10**6) -> EffectiveRank:
    return EffectiveRank(images=images, positions=positions)


def noise(count: int = 60) -> Stimulus:
    images = torch.randn(count, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    return Stimulus(images, torch.arange(count) % 4, 4)


def test_every_place_is_read_at_all_its_positions(network: GraphNetwork) -> None:
    responses = probe().respond(network, noise())
    assert tuple(r.place for r in responses) == places(network.graph)
    with evaluating(network):
        _, values = network.forward_with(noise().inputs, [r.place for r in responses])
    for response in responses:
        rows = values[response.place].double()
        rows = rows.movedim(1, -1).flatten(0, -2)
        rows = rows[:, rows.std(0) > 0]
        squared = np.atleast_2d(torch.corrcoef(rows.T).numpy()) ** 2
        n = len(rows)
        squared = 1 - (1 - squared) * (n - 1) / (n - 2)
        np.fill_diagonal(squared, 1.0)
        expected = len(squared) ** 2 / squared.sum()
        assert response.curve[-1] == pytest.approx(expected, rel=1e-3)
        assert response.quantity == "effective_rank_channels"


def test_fewer_positions_tell_about_the_same(network: GraphNetwork) -> None:
    every = probe().respond(network, noise())[0]
    some = probe(positions=1500).respond(network, noise())[0]
    assert some.curve != every.curve
    assert some.curve[-1] == pytest.approx(every.curve[-1], rel=0.1)


def test_classes_do_not_matter(network: GraphNetwork) -> None:
    stimulus = noise()
    other = Stimulus(stimulus.inputs, stimulus.classes.flip(0), 4)
    pixels = Stimulus(stimulus.inputs, torch.zeros(60, 8, 8, dtype=torch.int64), 4)
    found = probe().respond(network, stimulus)
    assert probe().respond(network, other) == found
    assert probe().respond(network, pixels) == found


def test_values_out_of_range_are_named() -> None:
    with pytest.raises(ConfigurationError, match="images=2"):
        probe(images=2)
    with pytest.raises(ConfigurationError, match="positions=1"):
        probe(positions=1)


def test_too_few_images_are_named(network: GraphNetwork) -> None:
    with pytest.raises(DataError, match="2 images, at least 3"):
        probe().respond(network, noise(2))
