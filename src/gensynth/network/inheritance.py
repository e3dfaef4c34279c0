"""A child network starts from its prototype's weights: the first w channels of every group."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from gensynth.graph.coupling import CouplingGroup, coupling_groups
from gensynth.graph.graph import Graph
from gensynth.network.graph_network import GraphNetwork, module_name
from gensynth.network.modules import carried


@torch.no_grad()
def inherit(child: GraphNetwork, prototype: GraphNetwork) -> int:
    """Copy into a child what it shares with its prototype; return how many tensors received values.

    Vertices of the same name and operation share their tensors: the first channels of each group,
    as many as both have; behind a concat, the first channels of each of its sources. A smaller
    kernel is cut out of the middle, a larger one holds the prototype's in its middle and zeros
    around it. All else keeps the child's own initialisation.

    Args:
        child: changed in place.
        prototype: permuted by rank beforehand (`permute`), if its channels have ranks.
    """
    segments, sources = _segments(child.graph), _segments(prototype.graph)
    twins = prototype.graph.by_name
    inherited = 0
    for v in child.graph.vertices[1:]:
        twin = twins.get(v.name)
        if twin is None or twin.operation != v.operation:
            continue
        taken = prototype.vertices[module_name(v.name)].state_dict()
        for key, tensor in child.vertices[module_name(v.name)].state_dict().items():
            if key not in taken:  # a bias that the prototype does not have
                continue
            source = taken[key].to(tensor.device, tensor.dtype)
            axes = zip(carried(v, tensor), carried(twin, source), strict=True)
            matches = [_match(segments[value], sources[other]) for value, other in axes]
            inherited += _transfer(tensor, source, matches)
    return inherited


@final
@dataclass(frozen=True, slots=True)
class _Segment:
    """Neighbouring channels of a value that stem from one coupling group.

    Args:
        names: of the group's values, and of the branches that end in one of them.
        start: first channel within the value.
        width: number of channels.
    """

    names: frozenset[str]
    start: int
    width: int


_Match = tuple[Tensor, Tensor]
"""Channels of the child, and those of the prototype that correspond to them."""


def _segments(graph: Graph) -> dict[str, tuple[_Segment, ...]]:
    """Return the segments of every value: one, or one for each source of a concat."""
    groups = {g.name: g for g in coupling_groups(graph)}
    branches = {r.exit: r.name for r in graph.regions if r.kind == "branch"}

    def leaves(group: CouplingGroup) -> list[CouplingGroup]:
        if group.frozen or not group.parts:
            return [group]
        return [leaf for part in group.parts for leaf in leaves(groups[part])]

    found: dict[str, tuple[_Segment, ...]] = {}
    for group in groups.values():
        segments: list[_Segment] = []
        for leaf in leaves(group):
            ends = [branches[value] for value in leaf.values if value in branches]
            start = segments[-1].start + segments[-1].width if segments else 0
            segments.append(_Segment(frozenset([*leaf.values, *ends]), start, leaf.width))
        found |= dict.fromkeys(group.values, tuple(segments))
    return found


def _match(child: Sequence[_Segment], prototype: Sequence[_Segment]) -> _Match:
    if len(child) == len(prototype):
        pairs = list(zip(child, prototype, strict=True))
    else:  # a source was dropped
        pairs = [(c, p) for c in child if (p := _likeliest(c, prototype)).names & c.names]
    nothing = torch.arange(0)
    mine = [torch.arange(c.start, c.start + min(c.width, p.width)) for c, p in pairs]
    theirs = [torch.arange(p.start, p.start + min(c.width, p.width)) for c, p in pairs]
    return torch.cat([nothing, *mine]), torch.cat([nothing, *theirs])


def _likeliest(segment: _Segment, candidates: Sequence[_Segment]) -> _Segment:
    return max(candidates, key=lambda other: len(other.names & segment.names))


def _transfer(tensor: Tensor, source: Tensor, matches: Sequence[_Match]) -> bool:
    """Copy matching channels; return whether there were any."""
    if not all(len(mine) for mine, _ in matches):
        return False
    for axis, (_, theirs) in enumerate(matches):
        source = source.index_select(axis, theirs.to(source.device))
    if source.ndim == 4:
        source = _recentre(source, tensor.shape[-1])
    if not matches:
        tensor.copy_(source)
        return True
    mine = [channels.to(tensor.device) for channels, _ in matches]
    tensor[torch.meshgrid(*mine, indexing="ij")] = source
    return True


def _recentre(weight: Tensor, kernel: int) -> Tensor:
    """Cut a (..., k, k) kernel to its middle or pad it with zeros, k odd."""
    margin = (kernel - weight.shape[-1]) // 2
    return torch.nn.functional.pad(weight, (margin, margin, margin, margin))
