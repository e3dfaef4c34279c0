"""A network's architecture as plain, immutable data (design words: graph, vertex, region)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self, final

from gensynth.errors import InvalidGraph
from gensynth.graph import laws
from gensynth.graph.operations import Attribute, Shape
from gensynth.graph.vertex import Region, RegionKind, Vertex, vertex

__all__ = ["Attribute", "Graph", "Region", "RegionKind", "Vertex", "vertex"]


@final
@dataclass(frozen=True)
class Graph:
    """Vertices in execution order, regions, and named outputs.

    Args:
        vertices: topologically ordered; every input is defined before its use.
        regions: named parts; see `Region`.
        outputs: (output name, vertex name) pairs; one or more.

    Raises:
        InvalidGraph: names collide, an input is unknown or later, an operation refuses its input
            shapes or attributes, a region has a second entry or exit, an output is unknown.
    """

    vertices: tuple[Vertex, ...]
    regions: tuple[Region, ...]
    outputs: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        """Hold the graph's laws."""
        laws.check_names(self.vertices, self.outputs)
        _ = self.shapes  # to infer is to check
        laws.check_outputs(self.consumers, self.outputs)
        laws.check_regions(self.regions, self.by_name, self.consumers, self.outputs)

    @cached_property
    def by_name(self) -> Mapping[str, Vertex]:
        """Name to vertex."""
        return {v.name: v for v in self.vertices}

    @cached_property
    def shapes(self) -> Mapping[str, Shape]:
        """Name to per-sample output shape, (channels, height, width) or (features,)."""
        return laws.infer_shapes(self.vertices)

    @cached_property
    def consumers(self) -> Mapping[str, tuple[str, ...]]:
        """Name to the names of the vertices that read it, in graph order, each once."""
        readers: dict[str, list[str]] = {v.name: [] for v in self.vertices}
        for v in self.vertices:
            for source in dict.fromkeys(v.inputs):
                readers[source].append(v.name)
        return {name: tuple(names) for name, names in readers.items()}

    @property
    def input_shape(self) -> Shape:
        """Shape of one input, (channels, height, width)."""
        return self.shapes[self.vertices[0].name]

    @cached_property
    def parameters(self) -> int:
        """Number of trained numbers."""
        return sum(v.rule.parameters(*self._arguments(v)) for v in self.vertices)

    @cached_property
    def macs(self) -> int:
        """Multiply-adds of convolutions and linear layers for one input."""
        return sum(v.rule.macs(*self._arguments(v)) for v in self.vertices)

    def _arguments(self, v: Vertex) -> tuple[list[Shape], dict[str, Attribute]]:
        return [self.shapes[name] for name in v.inputs], dict(v.attributes)

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical JSON: equal exactly when two graphs are."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """Return canonical JSON: one text per graph, one line."""
        plain = {
            "vertices": [
                [v.name, v.operation, v.inputs, dict(v.attributes)] for v in self.vertices
            ],
            "regions": [[r.name, r.kind, r.entry, r.exit, r.vertices] for r in self.regions],
            "outputs": self.outputs,
        }
        return json.dumps(plain, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Rebuild the graph that `to_json` wrote.

        Raises:
            InvalidGraph: the text is not a graph's JSON, or the graph breaks a law.
        """
        try:
            plain = json.loads(text)
            vertices = [
                Vertex(str(name), str(operation), _names(inputs), tuple(sorted(attributes.items())))
                for name, operation, inputs, attributes in plain["vertices"]
            ]
            regions = [
                Region(str(name), kind, str(entry), str(leave), _names(inside))
                for name, kind, entry, leave, inside in plain["regions"]
            ]
            outputs = [(str(name), str(source)) for name, source in plain["outputs"]]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidGraph(f"not the JSON of a graph: {error!r} in {text[:60]!r}") from error
        return cls(tuple(vertices), tuple(regions), tuple(outputs))


def _names(plain: Iterable[object]) -> tuple[str, ...]:
    return tuple(str(name) for name in plain)
