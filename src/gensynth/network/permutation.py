"""Channels in order of importance: the prototype, permuted by rank, computes the same function.

"Take the first w channels" then means "keep the w best".
"""

import copy
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from gensynth.errors import InvalidDesign
from gensynth.graph.coupling import CouplingGroup, coupling_groups, nested
from gensynth.graph.graph import Graph
from gensynth.network.graph_network import GraphNetwork, module_name
from gensynth.network.modules import carried
from gensynth.network.nesting import Block, tied_blocks

Groups = Mapping[str, CouplingGroup]


def channel_orders(
    graph: Graph, rankings: Mapping[str, Sequence[int]]
) -> dict[str, tuple[int, ...]]:
    """Turn rankings of channels at some places into one legal order per coupling group.

    A group's channels are ordered by their average rank over the places that carry its value;
    groups without a ranking keep their order. Where a shortcut joins two groups their first
    channels correspond: those are ranked together, share one order, and stay the first.

    Args:
        graph: the network's graph.
        rankings: vertex name to its channels, from most to least important.

    Returns:
        Group name to its channels in their new order, for each group that is neither frozen nor
        made of others.

    Raises:
        InvalidDesign: a place is unknown, or its ranking does not name each channel once.
    """
    groups = {g.name: g for g in coupling_groups(graph)}
    tied = tied_blocks(list(groups.values()))
    fixed = {tied[block] for block in tied if groups[block.group].frozen}
    ranks: dict[Block, list[Tensor]] = {}
    for name, order in _by_group(groups, rankings):
        for block in (block for block in tied if block.group == name and tied[block] not in fixed):
            inside = order[(order >= block.start) & (order < block.stop)]
            ranks.setdefault(tied[block], []).append(inside.argsort().double())
    orders: dict[str, tuple[int, ...]] = {
        name: () for name, group in groups.items() if not (group.frozen or group.parts)
    }
    for block in tied:  # in channel order within each group
        if block.group in orders:
            orders[block.group] += _decide(block, ranks.get(tied[block], []))
    return orders


def permute(network: GraphNetwork, orders: Mapping[str, Sequence[int]]) -> GraphNetwork:
    """Return a copy whose channels are reordered group by group; it computes the same function.

    Args:
        network: any network; left as it is.
        orders: coupling group name to its old channels in their new order, as `channel_orders`
            returns them; groups left out keep theirs.

    Raises:
        InvalidDesign: a group is unknown, frozen or made of others; an order does not name each
            channel once; groups joined by a shortcut do not share their first channels' order.
    """
    groups = {g.name: g for g in coupling_groups(network.graph)}
    for name in orders:
        if name not in groups or groups[name].frozen or groups[name].parts:
            allowed = sorted(g.name for g in groups.values() if not (g.frozen or g.parts))
            raise InvalidDesign(f"group {name!r} cannot be permuted; one of {allowed}")
    moves = {name: _move(name, groups, orders) for name in groups}
    _check_shortcuts(groups, moves)
    move_of = {value: moves[group.name] for group in groups.values() for value in group.values}
    permuted = copy.deepcopy(network)
    for v in network.graph.vertices[1:]:
        for tensor in permuted.vertices[module_name(v.name)].state_dict().values():
            moved = tensor
            for axis, value in enumerate(carried(v, tensor)):
                moved = moved.index_select(axis, move_of[value].to(tensor.device))
            tensor.copy_(moved)
    return permuted


def _by_group(groups: Groups, rankings: Mapping[str, Sequence[int]]) -> list[tuple[str, Tensor]]:
    """Return (group name, ranking) pairs; a concat's ranking is split among what it joins."""
    group_of = {value: group for group in groups.values() for value in group.values}
    waiting = []
    for place, ranking in rankings.items():
        if place not in group_of:
            raise InvalidDesign(f"ranking of an unknown place {place!r}; one of {sorted(group_of)}")
        group = group_of[place]
        waiting.append((group, _each_once(ranking, group.width, f"ranking at {place!r}")))
    found = []
    while waiting:
        group, order = waiting.pop(0)
        found.append((group.name, order))
        start = 0
        for part in (groups[name] for name in (() if group.frozen else group.parts)):
            inside = order[(order >= start) & (order < start + part.width)] - start
            waiting.append((part, inside))
            start += part.width
    return found


def _decide(block: Block, ranks: Sequence[Tensor]) -> tuple[int, ...]:
    if not ranks:
        return tuple(range(block.start, block.stop))
    order = torch.stack(list(ranks)).mean(0).argsort(stable=True) + block.start
    return tuple(order.tolist())


def _move(name: str, groups: Groups, orders: Mapping[str, Sequence[int]]) -> Tensor:
    group = groups[name]
    if group.parts and not group.frozen:
        starts = torch.tensor([groups[part].width for part in group.parts]).cumsum(0).tolist()
        parts = [_move(part, groups, orders) for part in group.parts]
        return torch.cat([part + start for part, start in zip(parts, [0, *starts], strict=False)])
    if name not in orders:
        return torch.arange(group.width)
    return _each_once(orders[name], group.width, f"order of group {name!r}")


def _each_once(order: Sequence[int], width: int, what: str) -> Tensor:
    if sorted(order) != list(range(width)):
        raise InvalidDesign(f"{what} must name channels 0 to {width - 1} once, got {list(order)}")
    return torch.tensor(list(order), dtype=torch.long)


def _check_shortcuts(groups: Groups, moves: Mapping[str, Tensor]) -> None:
    for a, b in nested(list(groups.values())):
        common = min(groups[a].width, groups[b].width)
        first, second = moves[a][:common].tolist(), moves[b][:common].tolist()
        if first != second:
            raise InvalidDesign(
                f"a shortcut joins groups {a!r} and {b!r}: their first {common} channels must have "
                f"one order, got {first} and {second}"
            )
