"""Every law of a graph is enforced, with a line that names the culprit."""

import pytest

from gensynth.errors import InvalidGraph
from gensynth.graph.graph import Graph, Region, Vertex, vertex

X = vertex("x", "input", channels=2, height=4, width=4)
A = vertex("a", "relu", ["x"])
B = vertex("b", "conv", ["a"], channels=2, kernel=3)
C = vertex("c", "add", ["a", "b"])
OUT = (("out", "c"),)


def region(entry: str, leave: str, *inside: str, name: str = "r", kind: str = "body") -> Region:
    return Region(name, kind, entry, leave, inside)  # type: ignore[arg-type]


def test_the_graph_that_the_illegal_ones_are_made_from_is_legal() -> None:
    regions = (region("x", "c", "a", "b", "c"), region("a", "b", "b", name="inner"))
    assert Graph((X, A, B, C), regions, OUT).shapes["c"] == (2, 4, 4)


@pytest.mark.parametrize(
    ("vertices", "line"),
    [
        ((), "one input"),
        ((A, B, C), r"one input.*got inputs \[\]"),
        ((X, vertex("y", "input", channels=2, height=4, width=4), A, B, C), "'x', 'y'"),
        ((X, A, A, B, C), r"vertices must differ, got \['a'\]"),
        ((X, vertex("a", "rellu", ["x"]), B, C), "vertex 'a': unknown operation 'rellu'; one of"),
        ((X, vertex("a", "relu", ["b"]), B, C), "vertex 'a'.*no earlier vertex 'b'"),
        ((X, A, B, vertex("c", "add", ["a", "d"])), "vertex 'c'.*no earlier vertex 'd'"),
        ((X, A, vertex("b", "conv", ["a"], channels=3, kernel=3), C), r"vertex 'c' \(add\).*shape"),
        ((X, A, vertex("b", "conv", ["a"], channels=2, kernel=2), C), r"'b' \(conv\).*odd"),
        ((X, A, B, C, vertex("d", "relu", ["c"])), "'d' is read by no vertex"),
        ((X, A, vertex("b__2", "relu", ["a"]), C), "name 'b__2' must be"),
        ((X, A, vertex("b_.c", "relu", ["a"]), C), "name 'b_.c' must be"),
        ((X, A, vertex("", "relu", ["a"]), C), "name '' must be"),
    ],
)
def test_illegal_vertices_are_refused(vertices: tuple[Vertex, ...], line: str) -> None:
    with pytest.raises(InvalidGraph, match=line):
        Graph(vertices, (), OUT)


@pytest.mark.parametrize(
    ("outputs", "line"),
    [
        ((), "one named output or more"),
        ((("out", "d"),), "'out' names vertex 'd'"),
        ((("out", "c"), ("out", "a")), r"outputs must differ, got \['out'\]"),
        ((("a b", "c"),), "name 'a b' must be"),
    ],
)
def test_illegal_outputs_are_refused(outputs: tuple[tuple[str, str], ...], line: str) -> None:
    with pytest.raises(InvalidGraph, match=line):
        Graph((X, A, B, C), (), outputs)


@pytest.mark.parametrize(
    ("regions", "line"),
    [
        ([region("x", "c", "a", "b", "c"), region("a", "b", "b")], r"regions must differ.*\['r'\]"),
        ([region("x", "c", "a", "b", "c", kind="loop")], "kind must be one of.*got 'loop'"),
        ([region("y", "b", "b")], "no vertex 'y'"),
        ([region("a", "b", "b", "d")], "no vertex 'd'"),
        ([region("x", "c", "b", "a", "c")], "graph order, each once"),
        ([region("x", "c", "a", "a", "c")], "graph order, each once"),
        ([region("a", "b")], "exit 'b' inside"),
        ([region("b", "b", "b")], "entry 'b' must lie outside"),
        ([region("x", "b", "b")], "'b' reads 'a' from outside; the one entry is 'x'"),
        ([region("x", "b", "a", "b")], "'a' is read from outside; the one exit is 'b'"),
    ],
)
def test_illegal_regions_are_refused(regions: list[Region], line: str) -> None:
    with pytest.raises(InvalidGraph, match=line):
        Graph((X, A, B, C), tuple(regions), OUT)


def test_a_named_output_inside_a_region_is_a_second_exit() -> None:
    with pytest.raises(InvalidGraph, match="'b' is read from outside"):
        Graph((X, A, B, C), (region("a", "c", "b", "c"),), (*OUT, ("early", "b")))


def test_regions_that_overlap_without_nesting_are_refused() -> None:
    chain = (X, *(vertex(f"v{i}", "relu", [f"v{i - 1}" if i else "x"]) for i in range(3)))
    first, second = region("x", "v1", "v0", "v1"), region("v0", "v2", "v1", "v2", name="late")
    with pytest.raises(InvalidGraph, match="'late' overlaps 'r'"):
        Graph(chain, (first, second), (("out", "v2"),))


def test_attributes_written_out_of_order_are_refused() -> None:
    unsorted = Vertex("x", "input", (), tuple(reversed(X.attributes)))
    with pytest.raises(InvalidGraph, match=r"build it with vertex\(...\)"):
        Graph((unsorted, A, B, C), (), OUT)
