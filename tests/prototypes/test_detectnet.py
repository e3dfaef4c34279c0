"""DetectNet: published sizes, and the graph against a hand-written network module by module."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from gensynth.design.space import DesignSpace, derive
from gensynth.errors import ConfigurationError
from gensynth.graph.graph import Graph
from gensynth.network.graph_network import GraphNetwork, evaluating
from gensynth.prototypes.detectnet import INCEPTIONS, detectnet


def build(size: tuple[int, int] = (64, 96), classes: int = 1, **changes: Any) -> Graph:
    given: dict[str, Any] = {"width": 0.125, "norm": "batch", "large_kernel": 5, "dropout": 0.4}
    return detectnet((3, *size), classes, **(given | changes))


def published(size: tuple[int, int]) -> Graph:
    return build(size, width=1.0, norm="local_response")


def space_of(graph: Graph, **offered: Any) -> DesignSpace:
    """Return a design space that offers what is named and nothing else."""
    nothing: dict[str, Any] = {"width_ratios": [], "operations": [], "kernels": [], "frozen": []}
    off = {"keep": False, "downsampling": False, "width_multiple": 4}
    return derive(graph, **(nothing | off | offered))


@pytest.mark.parametrize(("size", "billions"), [((384, 1248), 18.6), ((480, 640), 11.9)])
def test_published_parameters_and_multiply_adds(size: tuple[int, int], billions: float) -> None:
    graph = published(size)
    assert graph.parameters == 5_978_677
    assert round(graph.macs / 1e9, 1) == billions


def test_batch_norms_take_the_place_of_biases() -> None:
    plain, normed = published((64, 96)), build(width=1.0)
    convolutions = [v for v in normed.vertices if v.operation == "conv"]
    biases = sum(plain.shapes[v.name][0] for v in convolutions if not v["bias"])
    assert normed.parameters == plain.parameters + biases
    assert normed.macs == plain.macs


@pytest.mark.parametrize(("size", "grid"), [((64, 96), (4, 6)), ((70, 33), (5, 3))])
def test_a_cell_stands_for_16_pixels(size: tuple[int, int], grid: tuple[int, int]) -> None:
    graph = build(size, classes=3)
    shapes = {name: graph.shapes[source] for name, source in graph.outputs}
    assert shapes == {"coverage": (3, *grid), "boxes": (4, *grid)}


class ByHand:
    """DetectNet as its publication defines it, with the weights of a graph network."""

    def __init__(self, network: GraphNetwork) -> None:
        state = network.state_dict()
        self.weights = {n.partition(".")[2].replace("__", "."): t for n, t in state.items()}

    def conv(self, name: str, x: Tensor, stride: int = 1) -> Tensor:
        weight, bias = self.weights[f"{name}.conv.weight"], self.weights[f"{name}.conv.bias"]
        return F.relu(F.conv2d(x, weight, bias, stride=stride, padding=weight.shape[-1] // 2))

    def inception(self, name: str, x: Tensor) -> Tensor:
        parts = [self.conv(f"{name}.one", x)]
        for branch in ("middle", "large"):
            reduced = self.conv(f"{name}.{branch}.reduce", x)
            parts.append(self.conv(f"{name}.{branch}.wide", reduced))
        pooled = F.max_pool2d(x, 3, 1, 1)
        return torch.cat([*parts, self.conv(f"{name}.pool.project", pooled)], dim=1)

    def __call__(self, images: Tensor) -> dict[str, Tensor]:
        x = F.max_pool2d(self.conv("stem1", images, 2), 3, 2, 1)
        x = F.local_response_norm(x, 5, alpha=1e-4, beta=0.75, k=1.0)
        x = self.conv("stem2.wide", self.conv("stem2.reduce", x))
        x = F.max_pool2d(F.local_response_norm(x, 5, alpha=1e-4, beta=0.75, k=1.0), 3, 2, 1)
        for name in INCEPTIONS:
            x = self.inception(f"inception{name}", x)
            if name == "3b":
                x = F.max_pool2d(x, 3, 2, 1)
        heads = {}
        for head in ("coverage", "boxes"):
            weight, bias = (self.weights[f"{head}.conv.{part}"] for part in ("weight", "bias"))
            heads[head] = F.conv2d(x, weight, bias)
        return {"coverage": heads["coverage"].sigmoid(), "boxes": heads["boxes"]}


@pytest.mark.parametrize("size", [(64, 96), (45, 70)])
def test_computes_what_was_published(
    size: tuple[int, int], lively: Callable[[Graph], GraphNetwork]
) -> None:
    network = lively(build(size, norm="local_response", classes=2))
    rng = torch.Generator().manual_seed(1)
    images = torch.randn(2, 3, *size, generator=rng, dtype=torch.float64)
    with evaluating(network):
        found, expected = network(images), ByHand(network)(images)
    torch.testing.assert_close(found, expected)


def test_every_branch_may_go_but_one_and_every_width_may_change() -> None:
    graph = build()
    space = space_of(graph, keep=True, width_ratios=[0.5, 1.0])
    kept = {choice.target for choice in space.choices if choice.kind == "keep"}
    branches = ("one", "middle", "large", "pool")
    assert kept == {f"inception{name}.{branch}" for name in INCEPTIONS for branch in branches}
    smallest = space.apply(
        space.repair(np.zeros((1, len(space.choices)), dtype=np.int64))[0].tolist()
    )
    for name in INCEPTIONS:
        left = {
            v.name.split(".")[1]
            for v in smallest.vertices
            if v.name.startswith(f"inception{name}.")
        }
        assert len(left & set(branches)) == 1
    widths = {choice.target for choice in space.choices if choice.kind == "width"}
    convolutions = {
        v.name for v in graph.vertices if v.operation == "conv" and graph.shapes[v.name][0] > 4
    }
    assert widths == convolutions - {"coverage.conv", "boxes.conv"}


def test_costs_of_random_designs_are_those_of_their_graphs() -> None:
    space = space_of(
        build(width=0.25),
        width_ratios=[0.5, 1.0],
        operations=["separable", "bottleneck", "inverted_bottleneck_se"],
        kernels=[3, 5],
        keep=True,
        downsampling=True,
    )
    rng = np.random.default_rng(0)
    options = space.options_per_choice
    designs = space.repair(rng.integers(0, options, (20, len(options))))
    costs = space.costs(designs)
    for design, parameters, macs in zip(designs, costs.parameters, costs.macs, strict=True):
        graph = space.apply(design)
        assert (graph.parameters, graph.macs) == (parameters, macs)
        shapes = {name: graph.shapes[source] for name, source in graph.outputs}
        assert shapes == {"coverage": (1, 4, 6), "boxes": (4, 4, 6)}


def test_resolution_may_fall_earlier_where_the_grid_stays_as_it_is() -> None:
    (choice,) = space_of(build(), downsampling=True).choices
    assert choice.options == ("2-2-2-2", "4-1-2-2", "4-2-1-2", "4-2-2-1")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"width": 0.0}, r"prototype.width=0.0 must be above 0"),
        ({"norm": "layer"}, r"prototype.norm=layer must be one of batch, local_response"),
        ({"large_kernel": 7}, r"prototype.large_kernel=7 must be 3 or 5"),
        ({"dropout": 1.0}, r"prototype.dropout=1.0 must be from 0 to below 1"),
        ({"size": (31, 64)}, r"32 pixels a side or more, got 31 x 64: set a larger"),
    ],
)
def test_wrong_settings_are_refused_by_name(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        build(**wrong)
