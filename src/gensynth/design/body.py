"""The chain of a body region: the core that a rewriting replaces, and what stays around it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import final

from gensynth.graph.graph import Attribute, Graph, Region, Vertex

ACTIVATIONS = frozenset({"relu", "relu6", "hard_swish", "sigmoid", "hard_sigmoid"})
"""Operations that may stand between the convolutions of a core."""


@final
@dataclass(frozen=True, slots=True)
class Body:
    """A chain: each vertex reads the one before it, and nothing else.

    Args:
        region: name of the region.
        entry: the vertex outside whose value flows in.
        leading: vertices before the first convolution.
        core: from the first convolution to the last one and the norm after it.
        trailing: vertices after the core.
    """

    region: str
    entry: str
    leading: tuple[Vertex, ...]
    core: tuple[Vertex, ...]
    trailing: tuple[Vertex, ...]

    @property
    def chain(self) -> tuple[Vertex, ...]:
        """All vertices in order."""
        return self.leading + self.core + self.trailing

    @property
    def convolutions(self) -> tuple[Vertex, ...]:
        """The convolutions of the core."""
        return tuple(v for v in self.core if v.operation == "conv")

    def exchanged(self, entry: str, vertices: Sequence[Vertex]) -> "Body":
        """Return the same body with another entry and a chain of the same length."""
        first, last = len(self.leading), len(self.leading) + len(self.core)
        return replace(
            self,
            entry=entry,
            leading=tuple(vertices[:first]),
            core=tuple(vertices[first:last]),
            trailing=tuple(vertices[last:]),
        )


def configured(v: Vertex, **attributes: Attribute) -> Vertex:
    """Return the vertex with some of its attributes set anew."""
    both = tuple((key, attributes.get(key, value)) for key, value in v.attributes)
    return Vertex(v.name, v.operation, v.inputs, both)


def body_of(graph: Graph, region: Region) -> Body | None:
    """Return the region's chain if a rewriting may replace its core, else None.

    It may when every vertex reads the one before it, the core consists of dense convolutions (one
    or more with a kernel above 1), norms and activations, and no vertex around it sets a width.
    """
    vertices = tuple(graph.by_name[name] for name in region.vertices)
    sources = (region.entry, *region.vertices)
    is_chain = all(v.inputs == (source,) for v, source in zip(vertices, sources, strict=False))
    dense = [place for place, v in enumerate(vertices) if v.operation == "conv"]
    if not is_chain or not any(vertices[place]["kernel"] > 1 for place in dense):
        return None
    first, last = dense[0], dense[-1] + 1
    if last < len(vertices) and vertices[last].operation == "batch_norm":
        last += 1
    body = Body(region.name, region.entry, vertices[:first], vertices[first:last], vertices[last:])
    inside = {v.operation for v in body.core} <= ACTIVATIONS | {"conv", "batch_norm"}
    around = all(v.rule.width_law == "same" for v in body.leading + body.trailing)
    return body if inside and around else None
