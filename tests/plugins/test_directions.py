"""Directions in the space of a network's answers."""

import numpy as np
import pytest
import torch

from gensynth.network.graph_network import GraphNetwork, evaluating
from gensynth.prototypes.resnet import resnet
from gensynth_plugins.taylor.directions import Directions

COUNT = 4000


@pytest.fixture
def network() -> GraphNetwork:
    return GraphNetwork(resnet((1, 8, 8), 4, depth=8, widths=(4, 8, 8)))


def images(count: int) -> torch.Tensor:
    return torch.randn(count, 1, 8, 8, generator=torch.Generator().manual_seed(0))


def test_channels_count_alike_whatever_their_unit(network: GraphNetwork) -> None:
    with torch.no_grad():
        network.vertices["classifier"].get_parameter("weight")[1] *= 1000
    with evaluating(network):
        directions = Directions(network, [images(30), images(40)[30:]], COUNT)
        output = network(images(40))
        seen = torch.stack(list(directions.along(output)))
    scaled = (output / output.std(0, correction=0)).numpy()
    # The mean of (v . a)^2 over normal directions v is |a|^2.
    np.testing.assert_allclose((seen**2).mean(0), (scaled**2).sum(1), rtol=0.15)


def test_an_output_that_never_changes_does_not_count(network: GraphNetwork) -> None:
    with torch.no_grad():
        network.vertices["classifier"].get_parameter("weight").zero_()
    with evaluating(network):
        directions = Directions(network, [images(9)], 3)
        for seen in directions.along(network(images(9))):
            assert not seen.any()
