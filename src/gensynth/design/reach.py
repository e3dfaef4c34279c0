"""The reachable range of a design space: exact least and largest parameters and MACs.

How: no cost falls when a width or a kernel grows, or when a region is added. So the largest design
has every width at its largest and drops nothing, and the least has every width at its least and
drops every block and branch that may go. A body's operation matters to that body alone and is tried
out, as is every option of down-sampling. What is left is which one branch stays of a concat all of
whose inputs may go: found by dynamic programming over the concats in graph order, where of all that
agree in what later parts depend on only the cheapest goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import final

import numpy as np

from gensynth.design.apply import apply
from gensynth.design.columns import Designs
from gensynth.design.costs import CostTable
from gensynth.design.layout import Layout
from gensynth.graph.graph import Graph

FRONTIER = 4096
"""Partial designs that the search carries on."""


@final
@dataclass(frozen=True, slots=True)
class Cost:
    """Parameters and MACs of one network, or an extreme of each."""

    parameters: int
    macs: int


@final
@dataclass(frozen=True, slots=True)
class Reach:
    """The reachable range of a design space.

    Args:
        smallest: least parameters and least MACs; one design need not have both.
        prototype: those of the prototype.
        largest: largest parameters and largest MACs.
        designs: number of designs, inactive choices counted.
        exact: false when the search for the smallest had to give up on partial designs; it is then
            reachable but perhaps not the least.
    """

    smallest: Cost
    prototype: Cost
    largest: Cost
    designs: int
    exact: bool = True


def reach(layout: Layout, table: CostTable) -> Reach:
    """Return the reachable range of a design space.

    Args:
        layout: where the choices act.
        table: the costs of its designs.
    """
    largest = table.extremes(_rows(layout, largest=True), largest=True).max(axis=0)
    search = _Search(layout, table)
    smallest = [search.least(metric) for metric in (0, 1)]
    return Reach(
        smallest=Cost(*smallest),
        prototype=Cost(layout.graph.parameters, layout.graph.macs),
        largest=Cost(int(largest[0]), int(largest[1])),
        designs=prod(len(c.options) for c in layout.choices),
        exact=search.exact,
    )


def _rows(layout: Layout, *, largest: bool) -> Designs:
    """Return the extreme design under every option of down-sampling."""
    extreme = {"width": -1, "keep": 1} if largest else {"width": 0, "keep": 0}
    row = [extreme.get(c.kind, 0) % len(c.options) for c in layout.choices]
    rows = np.array([row] * len(layout.strides), dtype=np.int64)
    if layout.downsampling is not None:
        rows[:, layout.downsampling] = np.arange(len(rows))
    return rows


@final
class _Search:
    """Which one branch stays of every concat whose inputs may all go."""

    def __init__(self, layout: Layout, table: CostTable) -> None:
        self.layout = layout
        self.table = table
        self.exact = True
        order = [v.name for v in layout.graph.vertices if v.name in layout.branches]
        keeps = {name: [k for k in layout.branches[name] if k is not None] for name in order}
        self.open = {n: keeps[n] for n in order if len(keeps[n]) == len(layout.branches[n])}
        self.start = _rows(layout, largest=False)
        for some in self.open.values():
            self.start[:, some] = 1
        self.dependencies = self.find_dependencies(apply(layout, self.start[0]))
        for some in self.open.values():
            self.start[:, some[1:]] = 0

    def least(self, metric: int) -> int:
        """Return the least parameters (metric 0) or MACs (metric 1)."""
        rows = self.start
        for number, keeps in enumerate(self.open.values()):
            options = [rows.copy() for _ in keeps]
            for option, keep in zip(options, keeps, strict=True):
                option[:, keeps] = 0
                option[:, keep] = 1
            rows = self.cheapest(np.concatenate(options), metric, self.live(number))
        return int(self.table.extremes(rows, largest=False)[:, metric].min())

    def cheapest(self, rows: Designs, metric: int, live: list[int]) -> Designs:
        """Return the cheapest of all rows that agree in the live choices."""
        costs = self.table.extremes(rows, largest=False)[:, metric]
        rows = rows[np.argsort(costs, kind="stable")]
        if not live:
            return rows[:1]
        _, first = np.unique(rows[:, live], axis=0, return_index=True)
        self.exact &= len(first) <= FRONTIER
        return rows[np.sort(first)[:FRONTIER]]

    def live(self, done: int) -> list[int]:
        """Return the choices that costs depend on together with later concats."""
        shared = [some for some in self.dependencies if max(some, default=0) > done]
        numbers = {number for some in shared for number in some if number <= done}
        keeps = list(self.open.values())
        chosen = [keep for number in sorted(numbers) for keep in keeps[number]]
        strided = self.layout.downsampling
        return chosen if strided is None else [*chosen, strided]

    def find_dependencies(self, graph: Graph) -> list[frozenset[int]]:
        """Return, per vertex, the open concats that its being left or its widths depend on."""
        number = {name: index for index, name in enumerate(self.open)}
        left, wide = _left_by(graph, number), self.width_by(number)
        group_of = self.layout.group_of
        return [
            left[v.name].union(*(wide[group_of[name]] for name in (v.name, *v.inputs)))
            for v in graph.vertices
        ]

    def width_by(self, number: Mapping[str, int]) -> dict[str, frozenset[int]]:
        found: dict[str, frozenset[int]] = {}
        for name, group in self.layout.groups.items():
            own = frozenset(number[value] for value in group.values if value in number)
            parts = [found[part] for part in group.parts if part in found]
            found[name] = own.union(*parts)
        return found


def _left_by(graph: Graph, number: Mapping[str, int]) -> dict[str, frozenset[int]]:
    """Return, per vertex, the open concats that decide whether it is left; none if it surely is."""
    needs: dict[str, frozenset[str]] = {}
    for v in graph.vertices:
        inputs = [needs[source] for source in v.inputs]
        shared = frozenset.intersection(*inputs) if v.name in number else frozenset().union(*inputs)
        needs[v.name] = shared | {v.name}
    surely = frozenset().union(*(needs[source] for _, source in graph.outputs))
    found: dict[str, frozenset[int]] = {}
    for v in reversed(graph.vertices):
        readers = () if v.name in surely else graph.consumers[v.name]
        own = frozenset(number[reader] for reader in readers if reader in number)
        found[v.name] = own.union(*(found[reader] for reader in readers))
    return found
