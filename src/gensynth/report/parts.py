"""What became of each part of the prototype: kept, narrowed, replaced, dropped."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import final

from gensynth.graph.graph import Graph, Vertex
from gensynth.report.boxes import Box, boxes

WEIGHTED = ("conv", "linear")
SPATIAL = ("conv", "depthwise")
DENSE = "dense"


@final
@dataclass(frozen=True, slots=True)
class Part:
    """A box of a network, in figures.

    Args:
        name: the box's.
        widths: channels of its convolutions and linear layers, in order, without those beside the
            main path; of a box that has none, the width of what it hands on.
        kernel: the largest; 0 without convolutions.
        stride: by how much the box divides the height of what it reads.
        parameters: trained numbers.
        macs: multiply-adds for one input.
        operation: `dense`, or what its convolutions were rewritten to.
        exit: the last vertex.
    """

    name: str
    widths: tuple[int, ...]
    kernel: int
    stride: int
    parameters: int
    macs: int
    operation: str
    exit: str


@final
@dataclass(frozen=True, slots=True)
class Change:
    """A box of the prototype and what a generated network has in its place.

    Args:
        before: in the prototype.
        after: in the generated network; None: dropped.
    """

    before: Part
    after: Part | None

    @property
    def replaced(self) -> bool:
        """Whether other operations do its work."""
        return self.after is not None and self.after.operation != self.before.operation

    @property
    def narrowing(self) -> int:
        """Channels gone (below 0: added): of all its layers, or at its exit where replaced."""
        if self.after is None:
            return 0
        if self.replaced or len(self.after.widths) != len(self.before.widths):
            return self.before.widths[-1] - self.after.widths[-1]
        return sum(self.before.widths) - sum(self.after.widths)

    @property
    def words(self) -> str:
        """What was done to it; empty when it is as it was."""
        return ", ".join(self._differences())

    def _differences(self) -> Iterator[str]:
        before, after = self.before, self.after
        if after is None:
            yield "dropped"
            return
        if self.replaced:
            yield after.operation
        elif after.kernel != before.kernel:
            yield f"kernel {before.kernel} → {after.kernel}"
        if after.stride != before.stride:
            yield f"stride {before.stride} → {after.stride}"
        if self.narrowing:
            yield "narrower" if self.narrowing > 0 else "wider"


def parts(graph: Graph) -> tuple[Part, ...]:
    """Return a network's boxes in figures, each after those that it reads."""
    names = {v.name for v in graph.vertices}
    return tuple(_part(graph, box.name, box.vertices, names, DENSE) for box in boxes(graph))


def changes(prototype: Graph, generated: Graph) -> tuple[Change, ...]:
    """Return, box by box of the prototype, what a network generated from it has in its place."""
    drawn = boxes(prototype)
    inside = _assigned(prototype, drawn, generated)
    names = {v.name for v in prototype.vertices}
    found = []
    for box in drawn:
        before = _part(prototype, box.name, box.vertices, names, DENSE)
        left, after = inside[box.name], None
        if left:
            operation = _operation(generated, left, names, before.kernel)
            after = _part(generated, box.name, left, names, operation)
        found.append(Change(before, after))
    return tuple(found)


def _assigned(
    prototype: Graph, drawn: Sequence[Box], generated: Graph
) -> dict[str, tuple[str, ...]]:
    """Return the generated network's vertices by the prototype's box that they belong to.

    Those that a rewriting made have new names, but lie in a body that kept its own.
    """
    home = {name: box.name for box in drawn for name in box.vertices}
    body = {r.name: home[r.vertices[0]] for r in prototype.regions if r.kind == "body"}
    for region in generated.regions:
        if region.name in body:
            home |= dict.fromkeys(region.vertices, body[region.name])
    return {
        box.name: tuple(v.name for v in generated.vertices if home.get(v.name) == box.name)
        for box in drawn
    }


def _part(
    graph: Graph, name: str, vertices: Sequence[str], old: Collection[str], operation: str
) -> Part:
    found = [graph.by_name[one] for one in vertices]
    inputs = {v.name: [graph.shapes[source] for source in v.inputs] for v in found}
    return Part(
        name=name,
        widths=_widths(graph, found, old) or (graph.shapes[found[-1].name][0],),
        kernel=max((int(v["kernel"]) for v in found if v.operation in SPATIAL), default=0),
        stride=_stride(graph, found),
        parameters=sum(v.rule.parameters(inputs[v.name], dict(v.attributes)) for v in found),
        macs=sum(v.rule.macs(inputs[v.name], dict(v.attributes)) for v in found),
        operation=operation,
        exit=found[-1].name,
    )


def _widths(graph: Graph, found: Sequence[Vertex], old: Collection[str]) -> tuple[int, ...]:
    in_bodies = {name for r in graph.regions if r.kind == "body" for name in r.vertices}
    weighted = [v for v in found if v.operation in WEIGHTED and not _squeezes(graph, v, old)]
    inside = [v for v in weighted if v.name in in_bodies]
    return tuple(graph.shapes[v.name][0] for v in inside or weighted)


def _stride(graph: Graph, vertices: Sequence[Vertex]) -> int:
    if not vertices[0].inputs:
        return 1
    entered, left = graph.shapes[vertices[0].inputs[0]], graph.shapes[vertices[-1].name]
    if len(left) < 3 or vertices[0].operation == "global_avg_pool":
        return 1
    return max(1, round(entered[1] / left[1]))


def _operation(graph: Graph, vertices: Sequence[str], old: Collection[str], kernel: int) -> str:
    """Tell what a box's convolutions were rewritten to.

    Args:
        graph: the generated network.
        vertices: the box's, in it.
        old: names of the prototype's vertices.
        kernel: the box's largest in the prototype.
    """
    found = [graph.by_name[name] for name in vertices]
    spatial = [v for v in found if v.operation in SPATIAL]
    new = [v.operation for v in spatial if v.name not in old and not _squeezes(graph, v, old)]
    if "depthwise" in new:
        operation = "separable" if new[0] == "depthwise" else "inverted bottleneck"
    elif new:
        operation = "bottleneck"
    else:
        shrunk = bool(spatial) and kernel > 1 and all(v["kernel"] == 1 for v in spatial)
        operation = "pointwise" if shrunk else DENSE
    excites = any(v.operation == "multiply" and v.name not in old for v in found)
    return f"{operation} + squeeze-excite" if excites else operation


def _squeezes(graph: Graph, v: Vertex, old: Collection[str]) -> bool:
    """Whether a vertex belongs to a squeeze-excite that a rewriting added."""
    return v.name not in old and graph.shapes[v.inputs[0]][1:] == (1, 1)
