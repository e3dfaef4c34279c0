"""Where a graph lowers its resolution, and which other strides it may have there.

A point is a set of vertices whose strides must change together: those that lower the resolution of
one value (a block's first convolution and its shortcut). The first point is the stem, the
convolutions that read the input, whatever their stride.
"""

from collections.abc import Collection, Mapping, Sequence

from gensynth.design.body import configured
from gensynth.errors import InvalidGraph
from gensynth.graph.graph import Graph, Vertex
from gensynth.graph.laws import infer_shapes
from gensynth.graph.operations import Shape

Point = tuple[str, ...]


def options(graph: Graph, frozen: frozenset[str]) -> tuple[str, ...]:
    """Return the strides that may be chosen, the graph's own first; empty if the stem is frozen.

    They are: the graph's own; the stem's doubled; the stem's doubled and one later point's set to 1
    (early down-sampling). Offered are those that leave every output's shape as it is: because it is
    pooled or resized after all strides, or because a later point makes up for the stem.

    Args:
        graph: the prototype.
        frozen: names of vertices whose strides must stay.
    """
    found = points(graph)
    if not found or not frozen.isdisjoint(found[0]):
        return ()
    own = [_stride(graph.by_name[point[0]]) for point in found]
    doubled = [2 * own[0], *own[1:]]
    early = [
        [*doubled[:place], 1, *doubled[place + 1 :]]
        for place, point in enumerate(found)
        if place > 0 and frozen.isdisjoint(point)
    ]
    return tuple(_text(each) for each in (own, doubled, *early) if _is_legal(graph, found, each))


def strides(graph: Graph, option: str) -> dict[str, int]:
    """Return the stride of every vertex at a point under an option such as `2-1-2`."""
    each = [int(text) for text in option.split("-")]
    return _assigned(points(graph), each)


def points(graph: Graph) -> tuple[Point, ...]:
    """Return the stem and later points in graph order; empty when the stem has no one stride."""
    strided = [v for v in graph.vertices if _stride(v)]
    every, source = {v.name for v in strided}, graph.vertices[0].name
    stem = tuple(v.name for v in strided if _source(graph, v, every) == source)
    lowering = [v for v in strided if _stride(v) > 1 and v.name not in stem]
    stops = {v.name for v in lowering}.union(stem)
    later: dict[str, list[str]] = {}
    for v in lowering:
        later.setdefault(_source(graph, v, stops), []).append(v.name)
    convolutions = all(graph.by_name[name].operation in ("conv", "depthwise") for name in stem)
    if not stem or not convolutions or not _agree(graph, stem):
        return ()
    return stem, *(tuple(names) for names in later.values() if _agree(graph, names))


def _stride(v: Vertex) -> int:
    return int(dict(v.attributes).get("stride", 0))


def _agree(graph: Graph, names: Sequence[str]) -> bool:
    return len({_stride(graph.by_name[name]) for name in names}) == 1


def _source(graph: Graph, v: Vertex, stops: Collection[str]) -> str:
    """Return where the resolution that `v` reads was made: back along single inputs to a stop."""
    name = v.inputs[0]
    while name not in stops and len(graph.by_name[name].inputs) == 1:
        name = graph.by_name[name].inputs[0]
    return name


def _assigned(found: Sequence[Point], each: Sequence[int]) -> dict[str, int]:
    return {name: stride for point, stride in zip(found, each, strict=True) for name in point}


def _text(each: Sequence[int]) -> str:
    return "-".join(str(stride) for stride in each)


def _is_legal(graph: Graph, found: Sequence[Point], each: Sequence[int]) -> bool:
    try:
        shapes = strided_shapes(graph, _assigned(found, each))
    except InvalidGraph:
        return False
    return all(shapes[source] == graph.shapes[source] for _, source in graph.outputs)


def strided_shapes(graph: Graph, each: Mapping[str, int]) -> dict[str, Shape]:
    """Return every value's shape when vertices have the strides given.

    Raises:
        InvalidGraph: the strides do not fit together.
    """
    vertices = [configured(v, stride=each[v.name]) if v.name in each else v for v in graph.vertices]
    return infer_shapes(vertices)
