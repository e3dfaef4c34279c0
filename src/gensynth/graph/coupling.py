"""Coupling groups: the widths of a graph that must agree, found from its operations' width laws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import final

from gensynth.graph.graph import Graph
from gensynth.graph.vertex import Vertex


@final
@dataclass(frozen=True, slots=True)
class CouplingGroup:
    """Values that carry one width, and the attributes that set it.

    A group is of one of three kinds. Free: it has members, and may take any width if all members
    take it. Frozen: it keeps its width and the order of its channels. Derived: it has parts and
    is not frozen; it is a concat's value, has no members, and its width is the sum of its parts'.

    Args:
        name: its first member, or its first value when it has no members.
        width: channels or features in this graph.
        members: vertices whose width attribute sets this width, in graph order.
        values: vertices whose output carries this width, in graph order.
        frozen: see above; true for the input, for outputs, where the order of channels matters,
            and where a concat is tied to more than its sources (see `coupling_groups`).
        shortcut_parents: groups whose values reach this one through a shortcut; their first
            channels correspond to this group's first channels.
        parts: for a concat's value, the groups that it joins, in the concat's order.
    """

    name: str
    width: int
    members: tuple[str, ...]
    values: tuple[str, ...]
    frozen: bool = False
    shortcut_parents: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


def coupling_groups(graph: Graph) -> tuple[CouplingGroup, ...]:
    """Return the coupling groups, ordered by their first value.

    Every value belongs to one group. With all free groups at any widths and all frozen ones as they
    are, the graph is legal. To keep that promise without solving equations, a group that holds a
    concat's value is frozen together with the groups it joins (and those that they join) when
    anything else has a say in its width: a convolution or second concat coupled with it by an add
    or multiply, a named output, or a shortcut that reads it (whose first channels would no longer
    correspond to anything when a source changes its width).
    """
    roots = _unite(graph)
    groups = _collect(graph, roots)
    frozen = {
        g.name
        for g in groups.values()
        if _is_output_or_input(g, graph)
        or _is_ordered(g, graph)
        or _is_tied(g, graph)
        or _crosses_a_concat(g, groups)
    }
    by_name = {g.name: g for g in groups.values()}
    waiting = list(frozen)
    while waiting:
        group = by_name[waiting.pop()]
        new = set(group.parts) - frozen
        frozen |= new
        waiting += new
    return tuple(replace(g, frozen=g.name in frozen) for g in groups.values())


def nested(groups: Sequence[CouplingGroup]) -> tuple[tuple[str, str], ...]:
    """Return (parent, child) names of groups whose first channels correspond through a shortcut."""
    return tuple((parent, g.name) for g in groups for parent in g.shortcut_parents)


def _unite(graph: Graph) -> dict[str, str]:
    """Return each value's representative, the group's first value (union-find by graph order)."""
    order = {v.name: place for place, v in enumerate(graph.vertices)}
    parent = {name: name for name in order}

    def find(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for v in graph.vertices:
        for source in _coupled(v):
            first, second = sorted((find(v.name), find(source)), key=order.__getitem__)
            parent[second] = first
    return {name: find(name) for name in order}


def _coupled(v: Vertex) -> tuple[str, ...]:
    return v.inputs[: v.rule.coupled] if v.rule.width_law == "same" else ()


def _collect(graph: Graph, roots: Mapping[str, str]) -> dict[str, CouplingGroup]:
    values: dict[str, list[Vertex]] = {}
    for v in graph.vertices:
        values.setdefault(roots[v.name], []).append(v)
    members = {
        root: tuple(v.name for v in inside if v.rule.width_attribute)
        for root, inside in values.items()
    }
    names = {root: (members[root] or (root,))[0] for root in values}
    groups = {}
    for root, inside in values.items():
        past = [s for v in inside if v.rule.width_law == "shortcut" for s in v.inputs]
        joined = [s for v in inside if v.rule.width_law == "sum" for s in v.inputs]
        groups[root] = CouplingGroup(
            name=names[root],
            width=graph.shapes[root][0],
            members=members[root],
            values=tuple(v.name for v in inside),
            shortcut_parents=tuple(dict.fromkeys(names[roots[s]] for s in past)),
            parts=tuple(names[roots[s]] for s in joined),
        )
    return groups


def _laws(group: CouplingGroup, graph: Graph) -> list[str]:
    return [graph.by_name[name].rule.width_law for name in group.values]


def _is_output_or_input(group: CouplingGroup, graph: Graph) -> bool:
    returned = {source for _, source in graph.outputs}
    return "fixed" in _laws(group, graph) or not returned.isdisjoint(group.values)


def _is_ordered(group: CouplingGroup, graph: Graph) -> bool:
    return any(graph.by_name[name].rule.ordered for name in group.values)


def _is_tied(group: CouplingGroup, graph: Graph) -> bool:
    concats = _laws(group, graph).count("sum")
    return concats > 1 or (concats == 1 and bool(group.members))


def _crosses_a_concat(group: CouplingGroup, groups: Mapping[str, CouplingGroup]) -> bool:
    """Whether a shortcut joins this group with a concat's value, on either side."""
    parts = {g.name: g.parts for g in groups.values()}
    from_concat = any(parts[parent] for parent in group.shortcut_parents)
    into_shortcut = any(group.name in g.shortcut_parents for g in groups.values())
    return from_concat or (bool(group.parts) and into_shortcut)
