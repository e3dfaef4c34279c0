"""The parts of a network that a person can tell apart: regions, joints, and what stands between."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import final

from gensynth.graph.graph import Graph, Region

SILENT = frozenset(
    {"batch_norm", "local_response_norm", "dropout", "flatten"}
    | {"relu", "relu6", "hard_swish", "sigmoid", "hard_sigmoid"}
)
"""Operations that nobody draws: they belong to what they follow."""


@final
@dataclass(frozen=True, slots=True)
class Box:
    """Vertices that are drawn as one.

    Args:
        name: unique within its network.
        vertices: in graph order.
        inputs: names of the boxes whose values flow into it, each once. What an upsampling reads
            for its size alone is left out.
    """

    name: str
    vertices: tuple[str, ...]
    inputs: tuple[str, ...]


def boxes(graph: Graph) -> tuple[Box, ...]:
    """Return a graph as boxes, every vertex in exactly one, each box after those that it reads.

    A box is the smallest block or branch around its vertices, else a body. A region that encloses
    another is more than one box: what comes before the other, and what joins the two again.
    """
    return tuple(_linked(graph, _in_order(graph, _grouped(graph))))


def _grouped(graph: Graph) -> dict[str, str]:
    """Return vertex to the name of its group; names with a dot in front were made up here."""
    group = _by_region(graph.regions)
    for v in graph.vertices:
        if v.name in group:
            continue
        stem = v.name.rpartition(".")[0]
        group[v.name] = f".{v.name}"
        for source in v.inputs:
            related = bool(stem) and stem == source.rpartition(".")[0]
            follows = related or v.operation in SILENT
            if follows and group[source].startswith(".") and len(graph.consumers[source]) == 1:
                group[v.name] = group[source]
                break
    return group


def _by_region(regions: tuple[Region, ...]) -> dict[str, str]:
    outermost_first = sorted(regions, key=lambda region: -len(region.vertices))
    bodies = [region for region in outermost_first if region.kind == "body"]
    others = [region for region in outermost_first if region.kind != "body"]
    return {name: region.name for region in (*bodies, *others) for name in region.vertices}


def _in_order(graph: Graph, group: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """Yield groups after those that they read; one that cannot be whole is divided.

    At every turn a group is written or a vertex is parted from its group: it ends.
    """
    waiting: dict[str, list[str]] = {}
    for v in graph.vertices:
        waiting.setdefault(group[v.name], []).append(v.name)
    done: set[str] = set()
    while waiting:
        ready = {key: _ready(graph, inside, done) for key, inside in waiting.items()}
        whole = [key for key, names in ready.items() if len(names) == len(waiting[key])]
        key = whole[0] if whole else next(key for key, names in ready.items() if names)
        yield tuple(ready[key])
        done.update(ready[key])
        waiting[key] = [name for name in waiting[key] if name not in done]
        if not waiting[key]:
            del waiting[key]


def _ready(graph: Graph, names: list[str], done: set[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        if all(source in done or source in found for source in graph.by_name[name].inputs):
            found.append(name)
    return found


def _linked(graph: Graph, groups: Iterator[tuple[str, ...]]) -> Iterator[Box]:
    home: dict[str, str] = {}
    region_of = _by_region(graph.regions)
    taken: set[str] = set()
    for inside in groups:
        name = _name(graph, inside, region_of)
        if name in taken:
            name = inside[-1]
        taken.add(name)
        sources = [s for v in inside for s in _flowing(graph, v) if s not in inside]
        yield Box(name, inside, tuple(dict.fromkeys(home[source] for source in sources)))
        home.update(dict.fromkeys(inside, name))


def _flowing(graph: Graph, name: str) -> tuple[str, ...]:
    v = graph.by_name[name]
    return v.inputs[: v.rule.coupled] if v.operation == "upsample" else v.inputs


def _name(graph: Graph, inside: tuple[str, ...], region_of: Mapping[str, str]) -> str:
    if inside[0] in region_of:
        return region_of[inside[0]]
    stems = {name.rpartition(".")[0] for name in inside}
    stem = stems.pop() if len(stems) == 1 else ""
    alike = [v.name for v in graph.vertices if stem and v.name.startswith(f"{stem}.")]
    if alike == list(inside):
        return stem
    loud = [name for name in inside if graph.by_name[name].operation not in SILENT]
    return (loud or list(inside))[-1]
