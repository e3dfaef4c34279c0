"""Where each choice of a design space acts on its graph: looked up once, used for every design."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from gensynth.design import downsampling
from gensynth.design.body import Body, body_of, configured
from gensynth.design.choice import Choice, ChoiceKind
from gensynth.graph.coupling import CouplingGroup, coupling_groups
from gensynth.graph.graph import Graph, Region, Vertex


@final
@dataclass(frozen=True, slots=True)
class Layout:
    """Which choice acts where; choices are given by their index.

    Args:
        graph: the prototype.
        choices: of the design space.
        multiple: what widths inside rewritten bodies are multiples of.
        groups: the graph's coupling groups by name.
        group_of: value to the name of its coupling group.
        widths: coupling group to its width choice.
        kernels: vertex to its kernel choice.
        bodies: exit of a body that can be rewritten to (its chain, its operation choice).
        blocks: exit of blocks that can be dropped to (entry, keep choice), outermost block first.
        branches: concat to one keep choice per input; None where the input always stays.
        downsampling: the choice of strides, if there is one.
        strides: per option of it (or once), vertex to stride.
        sizes: per option of it (or once), value to what follows the channels in its shape.
    """

    graph: Graph
    choices: tuple[Choice, ...]
    multiple: int
    groups: Mapping[str, CouplingGroup]
    group_of: Mapping[str, str]
    widths: Mapping[str, int]
    kernels: Mapping[str, int]
    bodies: Mapping[str, tuple[Body, int]]
    blocks: Mapping[str, tuple[tuple[str, int], ...]]
    branches: Mapping[str, tuple[int | None, ...]]
    downsampling: int | None
    strides: tuple[Mapping[str, int], ...]
    sizes: tuple[Mapping[str, tuple[int, ...]], ...]

    def configure(
        self, v: Vertex, widths: Mapping[str, Any], kernel: int | None, strided: int
    ) -> Vertex:
        """Return a vertex with the attributes that a design gives it.

        Args:
            v: a vertex of the graph.
            widths: coupling group to width, an int or an array with one entry per design.
            kernel: the option of its kernel choice, if it has one.
            strided: index of the option of the choice of strides, else 0.
        """
        changes: dict[str, Any] = {}
        width = v.rule.width_attribute
        if width is not None:
            changes[width] = widths[self.group_of[v.name]]
        if v.name in self.kernels:
            changes["kernel"] = kernel
        if v.name in self.strides[strided]:
            changes["stride"] = self.strides[strided][v.name]
        if v.operation == "dropout":
            group = self.groups[self.group_of[v.name]]
            changes["rate"] = dropout_rate(v["rate"], group.width, widths[group.name])
        return configured(v, **changes) if changes else v


def dropout_rate(rate: float, width: int, now: Any) -> Any:
    """Return the rate at which channels are dropped where there are more or fewer of them.

    As many stay as of the prototype's, in the mean, or all that there are: a layer of n units
    wants n / p of them where a share p stays (Srivastava et al. 2014, appendix A.1). So what is
    too narrow to spare any drops none.

    Args:
        rate: of the prototype.
        width: channels there.
        now: channels now, an int or an array.

    >>> [round(dropout_rate(0.5, 64, width), 3) for width in (64, 48, 32, 8)]
    [0.5, 0.333, 0.0, 0.0]
    """
    found = np.where(np.equal(now, width), rate, 1 - (1 - rate) * width / now)
    found = np.maximum(found, 0.0)
    return found if np.ndim(now) else float(found)


def layout(graph: Graph, choices: Sequence[Choice], multiple: int) -> Layout:
    """Look up where choices act."""
    groups = coupling_groups(graph)
    place: Places = {(c.kind, c.target): index for index, c in enumerate(choices)}
    regions = {region.name: region for region in graph.regions}
    downsampled = next((i for i, c in enumerate(choices) if c.kind == "downsampling"), None)
    strides: tuple[Mapping[str, int], ...] = ({},)
    if downsampled is not None:
        texts = choices[downsampled].options
        strides = tuple(downsampling.strides(graph, str(text)) for text in texts)
    return Layout(
        graph=graph,
        choices=tuple(choices),
        multiple=multiple,
        groups={g.name: g for g in groups},
        group_of={value: g.name for g in groups for value in g.values},
        widths={target: index for (kind, target), index in place.items() if kind == "width"},
        kernels={
            name: index
            for (kind, target), index in place.items()
            if kind == "kernel"
            for name in spatial_vertices(graph, regions[target])
        },
        bodies=_bodies(graph, regions, place),
        blocks=_blocks(regions, place),
        branches=_branches(graph, regions, place),
        downsampling=downsampled,
        strides=strides,
        sizes=tuple(
            {name: shape[1:] for name, shape in downsampling.strided_shapes(graph, each).items()}
            for each in strides
        ),
    )


Regions = Mapping[str, Region]
Places = Mapping[tuple[ChoiceKind, str], int]


def spatial_vertices(graph: Graph, region: Region) -> list[str]:
    """Return a region's convolutions with a kernel above 1, dense or depthwise."""
    inside = [graph.by_name[name] for name in region.vertices]
    return [v.name for v in inside if v.operation in ("conv", "depthwise") and v["kernel"] > 1]


def _bodies(graph: Graph, regions: Regions, place: Places) -> dict[str, tuple[Body, int]]:
    found = {}
    for (kind, target), index in place.items():
        if kind == "operation":
            body = body_of(graph, regions[target])
            assert body is not None, f"{target} offers an operation but cannot be rewritten"
            found[regions[target].exit] = (body, index)
    return found


def _blocks(regions: Regions, place: Places) -> dict[str, tuple[tuple[str, int], ...]]:
    found: dict[str, list[Region]] = {}
    for kind, target in place:
        if kind == "keep" and regions[target].kind == "block":
            found.setdefault(regions[target].exit, []).append(regions[target])
    outermost_first = {
        name: sorted(blocks, key=lambda block: -len(block.vertices))
        for name, blocks in found.items()
    }
    return {
        name: tuple((block.entry, place["keep", block.name]) for block in blocks)
        for name, blocks in outermost_first.items()
    }


def _branches(graph: Graph, regions: Regions, place: Places) -> dict[str, tuple[int | None, ...]]:
    keeps = {
        regions[target].exit: index
        for (kind, target), index in place.items()
        if kind == "keep" and regions[target].kind == "branch"
    }
    concats = {graph.consumers[name][0] for name in keeps}
    return {
        name: tuple(keeps.get(source) for source in graph.by_name[name].inputs) for name in concats
    }
