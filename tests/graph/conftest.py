"""Random legal graphs for property tests."""

import pytest
from hypothesis import strategies as st

from gensynth.graph.graph import Graph, Vertex, vertex
from gensynth.graph.operations import Shape

UNARY = ("batch_norm", "relu", "hard_sigmoid", "dropout", "depthwise", "max_pool")
STEPS = ("conv", "unary", "add", "concat", "shortcut", "gate", "upsample")


@pytest.fixture(scope="session")
def graphs() -> st.SearchStrategy[Graph]:
    """Graphs of up to a dozen random steps: residual sums, concats, gates, shortcuts, resizing."""
    return random_graphs()


@st.composite
def random_graphs(draw: st.DrawFn) -> Graph:
    size = draw(st.integers(3, 7))
    made = _Growing([vertex("input", "input", channels=3, height=size, width=size)])
    made.conv(draw, "input")
    for _ in range(draw(st.integers(1, 12))):
        getattr(made, draw(st.sampled_from(STEPS)))(draw, draw(made.names()))
    return made.finish()


class _Growing:
    """A graph under construction."""

    def __init__(self, vertices: list[Vertex]) -> None:
        self.vertices = vertices

    @property
    def shapes(self) -> dict[str, Shape]:
        ends = {v.name for v in self.vertices} - {s for v in self.vertices for s in v.inputs}
        return dict(
            Graph(tuple(self.vertices), (), tuple((f"o{i}", e) for i, e in enumerate(ends))).shapes
        )

    def names(self, like: Shape | None = None, start: int = 0) -> st.SearchStrategy[str]:
        shapes = self.shapes
        fits = [n for n, s in shapes.items() if like is None or s[start:] == like[start:]]
        return st.sampled_from(fits[1:] if like is None else fits)

    def grow(self, operation: str, inputs: list[str], **attributes: int | float) -> str:
        name = f"v{len(self.vertices)}"
        self.vertices.append(vertex(name, operation, inputs, **attributes))
        return name

    def conv(self, draw: st.DrawFn, source: str) -> str:
        channels, kernel = draw(st.integers(1, 5)), draw(st.sampled_from([1, 3]))
        stride = draw(st.integers(1, 2))
        return self.grow("conv", [source], channels=channels, kernel=kernel, stride=stride)

    def unary(self, draw: st.DrawFn, source: str) -> str:
        operation = draw(st.sampled_from(UNARY))
        attributes: dict[str, dict[str, int | float]] = {
            "dropout": {"rate": 0.5},
            "depthwise": {"kernel": 3, "stride": draw(st.integers(1, 2))},
            "max_pool": {"kernel": 3, "stride": draw(st.integers(1, 2))},
        }
        return self.grow(operation, [source], **attributes.get(operation, {}))

    def add(self, draw: st.DrawFn, source: str) -> str:
        others = self.names(self.shapes[source])
        return self.grow("add", [source, *draw(st.lists(others, min_size=1, max_size=2))])

    def concat(self, draw: st.DrawFn, source: str) -> str:
        others = self.names(self.shapes[source], start=1)
        return self.grow("concat", [source, *draw(st.lists(others, min_size=1, max_size=2))])

    def shortcut(self, draw: st.DrawFn, source: str) -> str:
        channels, stride = draw(st.integers(1, 5)), draw(st.integers(1, 2))
        return self.grow("shortcut", [source], channels=channels, stride=stride)

    def gate(self, draw: st.DrawFn, source: str) -> str:
        squeezed = self.grow("global_avg_pool", [source])
        hidden = self.grow("conv", [squeezed], channels=draw(st.integers(1, 3)), kernel=1)
        back = self.grow("conv", [hidden], channels=self.shapes[source][0], kernel=1, bias=True)
        return self.grow("multiply", [source, self.grow("sigmoid", [back])])

    def upsample(self, draw: st.DrawFn, source: str) -> str:
        return self.grow("upsample", [source, draw(self.names())])

    def finish(self) -> Graph:
        read = {s for v in self.vertices for s in v.inputs}
        ends = [v.name for v in self.vertices if v.name not in read]
        pooled = [self.grow("global_avg_pool", [end]) for end in ends]
        joined = pooled[0] if len(pooled) == 1 else self.grow("concat", pooled)
        logits = self.grow("linear", [self.grow("flatten", [joined])], features=4)
        return Graph(tuple(self.vertices), (), (("logits", logits),))
