"""Graphs and weights that the tests of the network room share."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from gensynth.graph.graph import Graph, Region, vertex
from gensynth.network.graph_network import GraphNetwork

BRANCHES = ("one", "two", "three")


def build_mixed(
    *,
    stem: int = 8,
    branches: tuple[int, ...] = (6, 4, 5),
    dropped: str = "",
    wide: int = 20,
    cut: int = 10,
    kernel: int = 3,
) -> Graph:
    """Build a graph with every operation: squeeze-excite, branches, shortcuts that pad and cut."""
    kept = [
        (name, width) for name, width in zip(BRANCHES, branches, strict=True) if name != dropped
    ]
    pools = {"one": [], "two": ["max_pool"], "three": ["avg_pool"]}
    v = [
        vertex("input", "input", channels=3, height=13, width=12),
        vertex("response", "local_response_norm", ["input"]),
        vertex("stem.conv", "conv", ["response"], channels=stem, kernel=kernel),
        vertex("stem.norm", "batch_norm", ["stem.conv"]),
        vertex("stem.act", "hard_swish", ["stem.norm"]),
        vertex("se.depthwise", "depthwise", ["stem.act"], kernel=kernel, bias=True),
        vertex("se.pool", "global_avg_pool", ["se.depthwise"]),
        vertex("se.reduce", "conv", ["se.pool"], channels=4, kernel=1, bias=True),
        vertex("se.relu", "relu6", ["se.reduce"]),
        vertex("se.expand", "conv", ["se.relu"], channels=stem, kernel=1, bias=True),
        vertex("se.gate", "hard_sigmoid", ["se.expand"]),
        vertex("se.scale", "multiply", ["se.depthwise", "se.gate"]),
        vertex("se.add", "add", ["se.scale", "stem.act", "se.depthwise"]),
    ]
    regions = []
    for name, width in kept:
        inside = [
            *(vertex(f"{name}.pool", pool, ["se.add"], kernel=3, stride=1) for pool in pools[name]),
            vertex(
                f"{name}.conv",
                "conv",
                [f"{name}.pool" if pools[name] else "se.add"],
                channels=width,
                kernel=1,
            ),
            vertex(f"{name}.relu", "relu", [f"{name}.conv"]),
        ]
        v += inside
        names = tuple(x.name for x in inside)
        regions.append(Region(name, "branch", "se.add", names[-1], names))
    ends = [f"{name}.relu" for name, _ in kept]
    if len(ends) > 1:
        v.append(vertex("join", "concat", ends))
    v += [
        vertex("after.conv", "conv", ["join" if len(ends) > 1 else ends[0]], channels=12, kernel=3),
        vertex("after.norm", "batch_norm", ["after.conv"]),
        vertex("down.conv", "conv", ["after.norm"], channels=wide, kernel=3, stride=2),
        vertex("down.shortcut", "shortcut", ["after.norm"], channels=wide, stride=2),
        vertex("down.add", "add", ["down.conv", "down.shortcut"]),
        vertex("cut.conv", "conv", ["down.add"], channels=cut, kernel=3),
        vertex("cut.shortcut", "shortcut", ["down.add"], channels=cut),
        vertex("cut.add", "add", ["cut.conv", "cut.shortcut"]),
        vertex("up", "upsample", ["cut.add", "after.norm"]),
        vertex("gate", "sigmoid", ["up"]),
        vertex("pool", "global_avg_pool", ["gate"]),
        vertex("flatten", "flatten", ["pool"]),
        vertex("drop", "dropout", ["flatten"], rate=0.5),
        vertex("classifier", "linear", ["drop"], features=7),
    ]  # fmt: skip
    return Graph(tuple(v), tuple(regions), (("logits", "classifier"),))


def build_network(graph: Graph, seed: int = 0) -> GraphNetwork:
    """Build a float64 network in evaluation mode whose norms and biases are not the defaults."""
    rng = torch.Generator().manual_seed(seed)
    network = GraphNetwork(graph, rng).double().eval()
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                for tensor in (module.weight, module.bias, module.running_mean, module.running_var):
                    assert tensor is not None
                    tensor.copy_(torch.rand(tensor.shape, generator=rng, dtype=torch.float64) + 0.2)
            elif getattr(module, "bias", None) is not None:
                assert isinstance(module.bias, nn.Parameter)
                module.bias.copy_(torch.randn(module.bias.shape, generator=rng) / 5)
    return network


@pytest.fixture
def mixed() -> Callable[..., Graph]:
    return build_mixed


@pytest.fixture
def lively() -> Callable[..., GraphNetwork]:
    return build_network


@pytest.fixture
def images() -> torch.Tensor:
    """Two images that fit `mixed`, in float64."""
    rng = torch.Generator().manual_seed(1)
    return torch.randn(2, 3, 13, 12, generator=rng, dtype=torch.float64)
