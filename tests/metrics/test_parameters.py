"""Parameters equal what the operations declare, and published counts."""

import pytest
from torch import nn

from gensynth.graph.graph import Graph
from gensynth.metrics.parameters import Parameters
from gensynth.network.graph_network import GraphNetwork
from gensynth.prototypes.resnet import resnet


def test_plain_module(plain: nn.Module) -> None:
    assert Parameters().name == "parameters"
    assert Parameters().measure(plain, (3, 12, 12)) == 8 * 3 * 9 + 2 * 8 + (8 + 1) * 5


def test_equals_the_graph(gated: Graph) -> None:
    found = Parameters().measure(GraphNetwork(gated), gated.input_shape)
    assert found == gated.parameters


@pytest.mark.parametrize(
    ("depth", "widths", "expected"),
    [
        (20, (16, 32, 64), 269_722),
        (56, (16, 32, 64), 853_018),
        (20, (12, 24, 48), 152_182),
        (20, (8, 16, 32), 68_050),
    ],
)
def test_resnets(depth: int, widths: tuple[int, int, int], expected: int) -> None:
    graph = resnet((3, 32, 32), 10, depth=depth, widths=widths)
    found = Parameters().measure(GraphNetwork(graph), graph.input_shape)
    assert found == graph.parameters == expected


def test_random_designs(drawn: list[Graph]) -> None:
    found = [Parameters().measure(GraphNetwork(graph), graph.input_shape) for graph in drawn]
    assert found == [graph.parameters for graph in drawn]
    assert len(set(found)) > len(drawn) // 2


def test_a_shared_tensor_counts_once() -> None:
    layer = nn.Linear(3, 3)
    assert Parameters().measure(nn.Sequential(layer, nn.ReLU(), layer), (3,)) == 12
