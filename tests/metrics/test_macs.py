"""MACs equal what the operations declare, and published counts; counting leaves no trace."""

import logging
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from gensynth.graph.graph import Graph
from gensynth.metrics.macs import Macs
from gensynth.network.graph_network import GraphNetwork
from gensynth.prototypes.resnet import resnet


def test_plain_module(plain: nn.Module) -> None:
    assert Macs().name == "macs"
    assert Macs().measure(plain, (3, 12, 12)) == 8 * 3 * 9 * 36 + 8 * 5


def test_equals_the_graph(gated: Graph) -> None:
    assert Macs().measure(GraphNetwork(gated), gated.input_shape) == gated.macs


@pytest.mark.parametrize(
    ("depth", "widths", "millions"),
    [
        (20, (16, 32, 64), 40.55),
        (56, (16, 32, 64), 125.49),
        (20, (12, 24, 48), 22.89),
        (20, (8, 16, 32), 10.25),
    ],
)
def test_resnets(depth: int, widths: tuple[int, int, int], millions: float) -> None:
    graph = resnet((3, 32, 32), 10, depth=depth, widths=widths)
    found = Macs().measure(GraphNetwork(graph), graph.input_shape)
    assert found == graph.macs
    assert round(found / 1e6, 2) == millions


def test_random_designs(drawn: list[Graph]) -> None:
    found = [Macs().measure(GraphNetwork(graph), graph.input_shape) for graph in drawn]
    assert found == [graph.macs for graph in drawn]
    assert len(set(found)) > len(drawn) // 2


class Unused(nn.Module):
    """Has a layer that it does not call."""

    def __init__(self, used: nn.Module) -> None:
        super().__init__()
        self.used = used
        self.unused = nn.Linear(3, 3)

    def forward(self, images: Tensor) -> Tensor:
        """Run the layer that is used."""
        found: Tensor = self.used(images)
        return found


def test_counts_what_is_called(plain: nn.Module, caplog: pytest.LogCaptureFixture) -> None:
    found = Macs().measure(Unused(plain), (3, 12, 12))
    assert found == Macs().measure(plain, (3, 12, 12))
    assert not caplog.records


def test_leaves_no_trace(
    gated: Graph, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    network = GraphNetwork(gated).train()
    network.vertices["g"].eval()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    modes = [module.training for module in network.modules()]
    random = torch.get_rng_state()
    Macs().measure(network, gated.input_shape)
    assert [module.training for module in network.modules()] == modes
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert not any(module._forward_hooks for module in network.modules())
    assert torch.equal(torch.get_rng_state(), random)
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


def test_a_network_in_another_precision(gated: Graph) -> None:
    assert Macs().measure(GraphNetwork(gated).double(), gated.input_shape) == gated.macs


def test_a_network_of_several_outputs(gated: Graph) -> None:
    two = replace(gated, outputs=(("out", "l"), ("map", "y")))
    assert Macs().measure(GraphNetwork(two), two.input_shape) == two.macs
