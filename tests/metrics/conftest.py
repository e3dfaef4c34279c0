"""Networks whose costs are known from elsewhere."""

import numpy as np
import pytest
from torch import nn

from gensynth.design.space import derive
from gensynth.graph.graph import Graph, vertex
from gensynth.prototypes.resnet import resnet


@pytest.fixture
def plain() -> nn.Module:
    """A convolution with 8 x 3 x 3 x 3 weights, a norm, and a linear layer of 8 to 5."""
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(8),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 5),
    )


@pytest.fixture(scope="session")
def drawn() -> list[Graph]:
    """Random legal variations of a small residual network, over every family of choices."""
    space = derive(
        resnet((3, 16, 12), 10, depth=14, widths=(8, 12, 24)),
        width_ratios=[0.25, 0.5, 0.75, 1.25],
        width_multiple=2,
        operations=[
            f"{name}{suffix}"
            for name in ("dense", "separable", "bottleneck", "inverted_bottleneck")
            for suffix in ("", "_se")
            if name + suffix != "dense"
        ],
        kernels=[3, 5],
        keep=True,
        downsampling=True,
        frozen=[],
    )
    designs = np.random.default_rng(0).integers(
        0, space.options_per_choice, (24, len(space.choices))
    )
    return [space.apply(design.tolist()) for design in designs]


@pytest.fixture
def gated() -> Graph:
    """A graph with depthwise convolution, gate, concat, cutting shortcut and upsampling."""
    vertices = (
        vertex("input", "input", channels=3, height=11, width=9),
        vertex("a", "conv", ["input"], channels=6, kernel=3, stride=2, bias=True),
        vertex("d", "depthwise", ["a"], kernel=5, stride=2),
        vertex("n", "batch_norm", ["d"]),
        vertex("s", "global_avg_pool", ["n"]),
        vertex("r", "conv", ["s"], channels=6, kernel=1, bias=True),
        vertex("g", "hard_sigmoid", ["r"]),
        vertex("m", "multiply", ["n", "g"]),
        vertex("u", "upsample", ["m", "a"]),
        vertex("c", "concat", ["u", "a"]),
        vertex("x", "conv", ["c"], channels=4, kernel=1),
        vertex("past", "shortcut", ["a"], channels=4),
        vertex("y", "add", ["x", "past"]),
        vertex("p", "global_avg_pool", ["y"]),
        vertex("f", "flatten", ["p"]),
        vertex("l", "linear", ["f"], features=7, bias=False),
    )
    return Graph(vertices, (), (("out", "l"),))
