"""Small prototypes of every shape, their design spaces, and random legal designs."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest

from gensynth.design.space import Designs, DesignSpace, derive
from gensynth.graph.graph import Graph, Region, RegionKind, Vertex, vertex
from gensynth.prototypes.resnet import resnet

EVERYTHING: dict[str, Any] = {
    "width_ratios": [0.25, 0.5, 1.0, 1.5],
    "width_multiple": 2,
    "operations": [
        f"{name}{suffix}"
        for name in ("dense", "separable", "bottleneck", "inverted_bottleneck")
        for suffix in ("", "_se")
    ],
    "kernels": [3, 5],
    "keep": True,
    "downsampling": True,
    "frozen": [],
}


class Growing:
    """A graph under construction; every step returns the name of what it added."""

    def __init__(self, channels: int, size: int) -> None:
        self.vertices = [vertex("input", "input", channels=channels, height=size, width=size)]
        self.regions: list[Region] = []

    def add(self, name: str, operation: str, *inputs: str, **attributes: Any) -> str:
        self.vertices.append(vertex(name, operation, inputs, **attributes))
        return name

    def conv(self, name: str, source: str, channels: int, kernel: int = 3, **more: Any) -> str:
        return self.add(name, "conv", source, channels=channels, kernel=kernel, **more)

    def unit(self, name: str, source: str, channels: int, kernel: int = 3, **more: Any) -> str:
        """Add a convolution with norm and activation."""
        self.conv(f"{name}.conv", source, channels, kernel, **more)
        self.add(f"{name}.norm", "batch_norm", f"{name}.conv")
        return self.add(f"{name}.relu", "relu", f"{name}.norm")

    def region(self, name: str, kind: RegionKind, entry: str) -> str:
        """Call everything named `name.*` so far a region, whose exit is the last of it."""
        inside = tuple(v.name for v in self.vertices if v.name.startswith(f"{name}."))
        self.regions.append(Region(name, kind, entry, inside[-1], inside))
        return inside[-1]

    def classified(self, source: str) -> Graph:
        self.add("pool", "global_avg_pool", source)
        self.add("flatten", "flatten", "pool")
        self.add("classifier", "linear", "flatten", features=5)
        return self.finished(logits="classifier")

    def finished(self, **outputs: str) -> Graph:
        return Graph(tuple(self.vertices), tuple(self.regions), tuple(outputs.items()))


def two_inceptions() -> Graph:
    """Two Inception modules; the first has a concat inside a branch, the second a stride."""
    g = Growing(3, 16)
    entry = g.unit("stem", "input", 6)
    for name in ("a.1x1", "a.3x3", "a.double.left", "a.double.right"):
        if name == "a.3x3":
            g.unit("a.3x3.body.reduce", entry, 4, 1)
            g.unit("a.3x3.body.conv", "a.3x3.body.reduce.relu", 6)
            g.region("a.3x3.body", "body", entry)
        else:
            g.unit(f"{name}.unit", entry, 4, 1 if name == "a.1x1" else 3)
        g.region(name, "branch", entry)
    g.add("a.double.join", "concat", "a.double.left.unit.relu", "a.double.right.unit.relu")
    g.region("a.double", "branch", entry)
    g.add("a.join", "concat", "a.1x1.unit.relu", "a.3x3.body.conv.relu", "a.double.join")
    entry = "a.join"
    g.unit("b.conv.body.unit", entry, 8, 3, stride=2)
    g.region("b.conv.body", "body", entry)
    g.region("b.conv", "branch", entry)
    g.unit("b.deep.first", entry, 6, 3, stride=2)
    g.unit("b.deep.block.body.one", "b.deep.first.relu", 4)
    g.unit("b.deep.block.body.two", "b.deep.block.body.one.relu", 6)
    g.region("b.deep.block.body", "body", "b.deep.first.relu")
    g.add("b.deep.block.add", "add", "b.deep.first.relu", "b.deep.block.body.two.relu")
    g.region("b.deep.block", "block", "b.deep.first.relu")
    g.region("b.deep", "branch", entry)
    g.add("b.pool.max", "max_pool", entry, kernel=3, stride=2)
    g.region("b.pool", "branch", entry)
    g.add("b.join", "concat", "b.conv.body.unit.relu", "b.deep.block.add", "b.pool.max")
    g.unit("tail", "b.join", 8, 1)
    return g.classified("tail.relu")


def fusion() -> Graph:
    """Pre-activation bodies with biases and no norms, resizing, a pooling body, two outputs."""
    g = Growing(3, 17)
    stem = g.unit("stem", "input", 8, stride=2)
    deep = g.unit("down", stem, 12, stride=2)
    for level, entry, width in (("low", deep, 12), ("high", stem, 8)):
        body = f"{level}.rcu.body"
        g.add(f"{body}.relu1", "relu", entry)
        g.conv(f"{body}.conv1", f"{body}.relu1", width - 2, bias=True)
        g.add(f"{body}.relu2", "relu", f"{body}.conv1")
        g.conv(f"{body}.conv2", f"{body}.relu2", width, bias=True)
        g.region(body, "body", entry)
        g.add(f"{level}.rcu.add", "add", entry, f"{body}.conv2")
        g.region(f"{level}.rcu", "block", entry)
        g.conv(f"{level}.fuse", f"{level}.rcu.add", 6, bias=True)
    g.add("resized", "upsample", "low.fuse", "high.fuse")
    g.add("sum", "add", "resized", "high.fuse")
    g.add("chain.body.pool", "max_pool", "sum", kernel=5, stride=1)
    g.conv("chain.body.conv", "chain.body.pool", 6)
    g.region("chain.body", "body", "sum")
    g.add("chain.add", "add", "sum", "chain.body.conv")
    g.region("chain", "block", "sum")
    g.conv("classes", "chain.add", 4, 1, bias=True)
    g.conv("boxes", "chain.add", 3, 1, bias=True)
    return g.finished(classes="classes", boxes="boxes")


def gated() -> Graph:
    """Concats with the entry itself, squeeze-excite and depthwise bodies in the prototype."""
    g = Growing(1, 8)
    entry = g.unit("stem", "input", 4)
    for name in ("one", "two"):
        g.unit(f"{name}.new.unit", entry, 4)
        g.region(f"{name}.new", "branch", entry)
        entry = g.add(f"{name}.join", "concat", entry, f"{name}.new.unit.relu")
    g.unit("wide.body.expand", entry, 12, 1)
    g.add("wide.body.depthwise", "depthwise", "wide.body.expand.relu", kernel=3, stride=2)
    g.conv("wide.body.project", "wide.body.depthwise", 8, 1)
    value = g.region("wide.body", "body", entry)
    g.add("gate.pool", "global_avg_pool", value)
    g.conv("gate.squeeze", "gate.pool", 2, 1, bias=True)
    g.conv("gate.excite", "gate.squeeze", 8, 1, bias=True)
    g.add("gate.sigmoid", "sigmoid", "gate.excite")
    g.add("gate.scale", "multiply", value, "gate.sigmoid")
    return g.classified(g.region("gate", "block", value))


def crossed() -> Graph:
    """Two concats: which branch of the first is best depends on which of the second stays."""
    g = Growing(3, 8)
    stem = g.unit("stem", "input", 8, 1)
    g.add("first.pool.max", "max_pool", stem, kernel=3, stride=1)
    g.region("first.pool", "branch", stem)
    g.conv("first.conv.narrow", stem, 2, 1)
    g.region("first.conv", "branch", stem)
    g.add("first.join", "concat", "first.pool.max", "first.conv.narrow")
    g.conv("second.wide.conv", stem, 20, 1)
    g.region("second.wide", "branch", stem)
    g.conv("second.deep.conv", "first.join", 1)
    g.region("second.deep", "branch", "first.join")
    g.add("second.join", "concat", "second.wide.conv", "second.deep.conv")
    g.conv("tail", "second.join", 4, 1)
    return g.classified("tail")


PROTOTYPES: dict[str, Callable[[], Graph]] = {
    "resnet": lambda: resnet((3, 32, 32), 10, depth=20, widths=(16, 32, 64)),
    "inception": two_inceptions,
    "fusion": fusion,
    "gated": gated,
    "crossed": crossed,
}


def space_of(graph: Graph, **settings: Any) -> DesignSpace:
    return derive(graph, **(EVERYTHING | settings))


@pytest.fixture(scope="session")
def prototypes() -> dict[str, Graph]:
    return {name: build() for name, build in PROTOTYPES.items()}


@pytest.fixture(scope="session", params=list(PROTOTYPES))
def graph(request: pytest.FixtureRequest, prototypes: dict[str, Graph]) -> Graph:
    return prototypes[request.param]


@pytest.fixture(scope="session")
def space(graph: Graph) -> DesignSpace:
    return space_of(graph)


@pytest.fixture(scope="session")
def inception(prototypes: dict[str, Graph]) -> DesignSpace:
    return space_of(prototypes["inception"])


@pytest.fixture(scope="session")
def derived() -> Callable[..., DesignSpace]:
    """Derive a design space with every family of choices, apart from the settings given."""
    return space_of


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Designs]:
    """Draw random designs of a space, mended to be legal."""

    def draw(space: DesignSpace, count: int, seed: int = 0) -> Designs:
        rng = np.random.default_rng(seed)
        rows = rng.integers(0, space.options_per_choice, (count, len(space.choices)))
        return space.repair(rows)

    return draw


@pytest.fixture
def chain() -> Callable[[Iterable[Vertex]], Graph]:
    """Make a graph of an 11-channel input of 9x9 and vertices that follow from it."""

    def build(vertices: Iterable[Vertex]) -> Graph:
        inside = tuple(vertices)
        source = vertex("input", "input", channels=11, height=9, width=9)
        return Graph((source, *inside), (), (("out", inside[-1].name),))

    return build
