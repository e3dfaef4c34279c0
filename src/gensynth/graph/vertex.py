"""The parts of a graph: vertices and regions, plain immutable data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, final

from gensynth.graph.operations import OPERATIONS, REQUIRED, Attribute, Operation

RegionKind = Literal["block", "body", "branch"]


@final
@dataclass(frozen=True, slots=True)
class Vertex:
    """One primitive operation applied to named values.

    Args:
        name: unique within its graph; dots express nesting (`stage1.block0.body.conv1`).
        operation: a key of `gensynth.graph.operations.OPERATIONS`.
        inputs: names of earlier vertices, in the order the operation takes them.
        attributes: (key, value) pairs sorted by key; build with `vertex(...)`.
    """

    name: str
    operation: str
    inputs: tuple[str, ...]
    attributes: tuple[tuple[str, Attribute], ...]

    def __getitem__(self, key: str) -> Any:
        """Return one attribute's value; KeyError when the vertex has none of that name."""
        return dict(self.attributes)[key]

    @property
    def rule(self) -> Operation:
        """The operation's laws: shape, width law, parameters, MACs."""
        return OPERATIONS[self.operation]


def vertex(
    name: str, operation: str, inputs: Sequence[str] = (), **attributes: Attribute
) -> Vertex:
    """Build a vertex with canonical attributes: defaults filled in, sorted by key."""
    declared = OPERATIONS[operation].attributes if operation in OPERATIONS else {}
    defaults = {key: value for key, value in declared.items() if value is not REQUIRED}
    return Vertex(name, operation, tuple(inputs), tuple(sorted((defaults | attributes).items())))


@final
@dataclass(frozen=True, slots=True)
class Region:
    """A named part of a graph with one entry and one exit.

    Args:
        name: unique within its graph.
        kind: `block` may be dropped when its entry and exit agree in shape (exit is then replaced
            by entry); `body` is a chain of vertices whose operation and kernel may be chosen;
            `branch` is one input of a concat (droppable as long as another branch stays).
        entry: the vertex *outside* the region whose value flows in.
        exit: the vertex *inside* whose value flows out; the only one read from outside.
        vertices: names of the vertices inside, in graph order. Regions nest or are disjoint.
    """

    name: str
    kind: RegionKind
    entry: str
    exit: str
    vertices: tuple[str, ...]
