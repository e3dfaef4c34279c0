"""Networks in which no weight keeps the value it starts with."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from gensynth.graph.graph import Graph
from gensynth.network.graph_network import GraphNetwork


@pytest.fixture
def lively() -> Callable[[Graph], GraphNetwork]:
    """Return a function that builds a float64 network with random weights, biases and norms.

    What starts at zero would hide whatever is wrong behind it.
    """

    def build(graph: Graph) -> GraphNetwork:
        rng = torch.Generator().manual_seed(0)
        network = GraphNetwork(graph, rng).double()
        with torch.no_grad():
            for weight in network.parameters():
                scale = 1 / weight[0].numel() ** 0.5 if weight.ndim > 1 else 0.3
                weight.copy_(scale * torch.randn(weight.shape, generator=rng, dtype=weight.dtype))
            for module in network.modules():
                if isinstance(module, nn.BatchNorm2d):
                    for one in (module.weight, module.running_mean, module.running_var):
                        assert one is not None
                        one.copy_(torch.rand(one.shape, generator=rng, dtype=one.dtype) + 0.5)
        return network

    return build
