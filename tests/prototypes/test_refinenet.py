"""RefineNet: published sizes, and the graph against a hand-written network block by block."""

from collections.abc import Callable, Sequence
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
from gensynth.prototypes.refinenet import refinenet

ENCODER = (64, 128, 256, 512)


def build(
    depth: int = 18,
    *,
    size: tuple[int, int] = (64, 64),
    encoder: Sequence[int] = (4, 8, 8, 12),
    decoder: Sequence[int] = (12, 8),
    light: bool = False,
    stages: int = 4,
    dropout: float = 0.5,
) -> Graph:
    return refinenet(
        (3, *size),
        11,
        depth=depth,
        encoder_widths=encoder,
        decoder_widths=decoder,
        light=light,
        pooling_stages=stages,
        dropout=dropout,
    )


def space_of(graph: Graph, **offered: Any) -> DesignSpace:
    """Return a design space that offers what is named and nothing else."""
    nothing: dict[str, Any] = {"width_ratios": [], "operations": [], "kernels": [], "frozen": []}
    off = {"keep": False, "downsampling": False, "width_multiple": 4}
    return derive(graph, **(nothing | off | offered))


@pytest.mark.parametrize(
    ("depth", "millions"), [(18, 76.5), (50, 99.0), (101, 118.0), (152, 133.7)]
)
def test_published_parameters(depth: int, millions: float) -> None:
    graph = build(depth, size=(360, 480), encoder=ENCODER, decoder=(512, 256))
    assert round(graph.parameters / 1e6, 1) == millions


def test_published_multiply_adds() -> None:
    graph = build(101, size=(360, 480), encoder=ENCODER, decoder=(512, 256))
    assert round(graph.macs / 1e9, 1) == 174.3


def test_odd_sizes_are_halved_upwards_and_restored() -> None:
    shapes = build(size=(360, 480)).shapes
    exits = [shapes[f"layer{stage}.block1.relu"][1:] for stage in (1, 2, 3, 4)]
    assert exits == [(90, 120), (45, 60), (23, 30), (12, 15)]
    assert shapes["refine3.fuse"][1:] == (23, 30)
    assert shapes["upsample"] == (11, 360, 480)


def test_light_has_1x1_convolutions_in_the_decoder_alone() -> None:
    full, light = build(), build(light=True)
    kernels = {v.name: v["kernel"] for v in light.vertices if v.operation == "conv"}
    decoder = {name for name in kernels if name.startswith("refine")}
    assert {kernels[name] for name in decoder} == {1}
    assert {n: k for n, k in kernels.items() if n not in decoder} == {
        v.name: v["kernel"]
        for v in full.vertices
        if v.operation == "conv" and v.name not in decoder
    }


def test_light_is_a_design_of_the_full_network() -> None:
    full, light = build(), build(light=True)
    space = space_of(full, operations={"refine*": ["pointwise"]})
    design = [len(choice.options) - 1 for choice in space.choices]
    found = space.apply(design)
    assert found.vertices == light.vertices
    assert (found.parameters, found.macs) == (light.parameters, light.macs)


class ByHand:
    """RefineNet-18 as its papers define it, with the weights of a graph network."""

    def __init__(self, network: GraphNetwork) -> None:
        state = network.state_dict()
        self.weights = {n.partition(".")[2].replace("__", "."): t for n, t in state.items()}

    def conv(self, name: str, x: Tensor, stride: int = 1) -> Tensor:
        weight = self.weights[f"{name}.weight"]
        bias = self.weights.get(f"{name}.bias")
        return F.conv2d(x, weight, bias, stride=stride, padding=weight.shape[-1] // 2)

    def norm(self, name: str, x: Tensor) -> Tensor:
        parts = ("running_mean", "running_var", "weight", "bias")
        return F.batch_norm(x, *(self.weights[f"{name}.{part}"] for part in parts))

    def block(self, name: str, x: Tensor, stride: int) -> Tensor:
        y = self.norm(f"{name}.body.norm1", self.conv(f"{name}.body.conv1", x, stride))
        y = self.norm(f"{name}.body.norm2", self.conv(f"{name}.body.conv2", F.relu(y)))
        if f"{name}.shortcut.conv.weight" in self.weights:
            past = self.conv(f"{name}.shortcut.conv", x, stride)
            x = self.norm(f"{name}.shortcut.norm", past)
        return F.relu(x + y)

    def units(self, name: str, x: Tensor, count: int) -> Tensor:
        for index in range(count):
            y = self.conv(f"{name}.unit{index}.body.conv1", F.relu(x))
            x = x + self.conv(f"{name}.unit{index}.body.conv2", F.relu(y))
        return x

    def pooling(self, name: str, x: Tensor) -> Tensor:
        top = x
        for stage in (1, 2, 3, 4):
            top = self.conv(f"{name}.stage{stage}.body.conv", F.max_pool2d(top, 5, 1, 2))
            x = x + top
        return x

    def refine(self, level: int, x: Tensor, below: Tensor | None) -> Tensor:
        name = f"refine{level}"
        x = self.units(f"{name}.adapt", self.conv(f"{name}.reduce.conv", x), 2)
        if below is not None:
            x = self.conv(f"{name}.own.conv", x)
            x = x + F.interpolate(below, x.shape[-2:], mode="bilinear", align_corners=False)
        x = self.units(f"{name}.units", self.pooling(f"{name}.pooling", F.relu(x)), 3)
        return x if level == 1 else self.conv(f"{name}.hand_over.conv", x)

    def __call__(self, images: Tensor) -> Tensor:
        x = F.relu(self.norm("stem.norm", self.conv("stem.conv", images, 2)))
        x = F.max_pool2d(x, 3, 2, 1)
        features = []
        for stage in (1, 2, 3, 4):
            x = self.block(f"layer{stage}.block0", x, 1 if stage == 1 else 2)
            x = self.block(f"layer{stage}.block1", x, 1)
            features.append(x)
        below = self.refine(4, features[3], None)
        for level in (3, 2, 1):
            below = self.refine(level, features[level - 1], below)
        logits = self.conv("classifier", below)
        return F.interpolate(logits, images.shape[-2:], mode="bilinear", align_corners=False)


@pytest.mark.parametrize("size", [(64, 64), (45, 70)])
def test_computes_what_the_papers_define(
    size: tuple[int, int], lively: Callable[[Graph], GraphNetwork]
) -> None:
    network = lively(build(size=size))
    rng = torch.Generator().manual_seed(1)
    images = torch.randn(2, 3, *size, generator=rng, dtype=torch.float64)
    with evaluating(network):
        torch.testing.assert_close(network(images), ByHand(network)(images))


def test_residual_units_and_pooling_begin_as_what_they_add_to() -> None:
    network = GraphNetwork(build())
    images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    around = {
        "refine4.relu": "refine4.pooling.stage1.add",
        "refine4.pooling.stage1.add": "refine4.units.unit2.add",
        "refine1.reduce.conv": "refine1.adapt.unit1.add",
    }
    with evaluating(network):
        _, values = network.forward_with(images, [*around, *around.values()])
    for before, after in around.items():
        assert values[before].any()
        torch.testing.assert_close(values[after], values[before])


@pytest.mark.parametrize("depth", [18, 50])
def test_costs_of_random_designs_are_those_of_their_graphs(depth: int) -> None:
    operations = ["separable", "bottleneck", "inverted_bottleneck_se"]
    space = space_of(
        build(depth),
        width_ratios=[0.5, 1.0],
        operations={"layer*": operations, "refine*": ["pointwise", *operations]},
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
        assert graph.shapes[graph.outputs[0][1]] == (11, 64, 64)


def test_every_unit_refinement_and_pooling_stage_may_go() -> None:
    space = space_of(build(), keep=True)
    kept = {choice.target for choice in space.choices if choice.kind == "keep"}
    inside = ["adapt.unit0", "adapt.unit1", "refinement", *(f"units.unit{i}" for i in range(3))]
    inside += [f"pooling.stage{i}" for i in (1, 2, 3, 4)]
    decoder = {f"refine{level}.{name}" for level in (1, 2, 3, 4) for name in inside}
    assert {name for name in kept if name.startswith("refine")} == decoder
    encoder = {f"layer{stage}.block1" for stage in (1, 2, 3, 4)} | {"layer1.block0"}
    assert kept - decoder == encoder
    smallest = space.apply([0] * len(space.choices))
    assert {v.operation for v in smallest.vertices}.isdisjoint({"avg_pool"})
    assert not any(".pooling." in v.name or ".unit" in v.name for v in smallest.vertices)


def test_the_output_grid_allows_early_downsampling() -> None:
    space = space_of(build(), downsampling=True)
    (choice,) = space.choices
    assert choice.options[:2] == ("2-2-2-2-2", "4-2-2-2-2")
    for option in range(len(choice.options)):
        assert space.apply([option]).shapes["upsample"] == (11, 64, 64)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"depth": 20}, r"prototype.depth=20 must be one of 18, 34, 50, 101, 152"),
        ({"encoder": (8, 8)}, r"prototype.encoder_widths=\[8, 8\] must be 4 positive numbers"),
        ({"decoder": (8, 0)}, r"prototype.decoder_widths=\[8, 0\] must be 2 positive numbers"),
        ({"size": (31, 64)}, r"32 pixels a side or more, got 31 x 64: set a larger"),
        ({"stages": -1}, r"prototype.pooling_stages=-1 must be 0 or more"),
        ({"dropout": 1.0}, r"prototype.dropout=1.0 from 0 to below 1"),
    ],
)
def test_wrong_settings_are_refused_by_name(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        build(**wrong)  # type: ignore[arg-type]
