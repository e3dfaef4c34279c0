"""Costs of a part of a graph in every context that designs put it in (design.md law 7).

A segment is a body that can be rewritten, or one vertex anywhere else. Its cost depends on few
choices, so few different contexts occur. Each is worked out once: the segment is built with arrays
for widths, one entry per context, and the operations' own rules are called for every distinct row
of numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from gensynth.design.body import Body
from gensynth.design.layout import Layout
from gensynth.design.rewrite import Rewriting, rewrite
from gensynth.graph.graph import Attribute, Vertex
from gensynth.graph.operations import OPERATIONS, Shape
from gensynth.graph.operations.operation import nothing

Ints = NDArray[np.int64]
Table = Ints
"""(n, 2): parameters and MACs."""

CONTEXTS_KEPT = 200_000
"""Contexts that one segment remembers before it starts anew."""


@final
@dataclass(frozen=True)
class Segment:
    """A part of a graph that has parameters or multiply-adds.

    Args:
        layout: where the choices act.
        vertices: of the prototype; the last one is the segment's exit.
        body: the chain when it can be rewritten.
        operation: the choice of the body's operation, if there is one.
        kernel: the choice of its kernel, if there is one.
    """

    layout: Layout
    vertices: tuple[Vertex, ...]
    body: Body | None
    operation: int | None
    kernel: int | None
    known: dict[tuple[int, ...], tuple[int, int]] = field(default_factory=dict, repr=False)

    @property
    def exit(self) -> str:
        """The prototype's vertex that lives as long as the segment."""
        return self.vertices[-1].name

    @property
    def sources(self) -> tuple[str, ...]:
        """The values that flow in."""
        return self.vertices[0].inputs

    @property
    def groups(self) -> tuple[str, ...]:
        """The coupling groups whose widths the cost depends on."""
        owners = (*self.sources, *(v.name for v in self.vertices if v.rule.width_attribute))
        return tuple(dict.fromkeys(self.layout.group_of[name] for name in owners))

    def costs(self, designs: Ints, widths: dict[str, Ints]) -> Table:
        """Return the segment's (n, 2) costs where it is left.

        Args:
            designs: (n, choices) option indices.
            widths: coupling group to (n,) widths.
        """
        return self._costs(self._settings(designs), widths)

    def extremes(self, designs: Ints, widths: dict[str, Ints], largest: bool) -> Table:
        """Return the least or the largest (n, 2) costs that operation and kernel alone can reach.

        Args:
            designs: (n, choices) option indices.
            widths: coupling group to (n,) widths.
            largest: the largest instead of the least.
        """
        settings = self._settings(designs)
        tables = []
        for operation, kernel in product(
            range(self._options(self.operation)), range(self._options(self.kernel))
        ):
            settings[0][:], settings[1][:] = operation, kernel
            tables.append(self._costs(settings, widths))
        extreme: Table = np.max(tables, axis=0) if largest else np.min(tables, axis=0)
        return extreme

    def _options(self, index: int | None) -> int:
        return 1 if index is None else len(self.layout.choices[index].options)

    def _settings(self, designs: Ints) -> list[Ints]:
        places = (self.operation, self.kernel, self.layout.downsampling)
        nothing = np.zeros(len(designs), dtype=np.int64)
        return [nothing.copy() if place is None else designs[:, place].copy() for place in places]

    def _costs(self, settings: list[Ints], widths: dict[str, Ints]) -> Table:
        columns = settings + [widths[name] for name in self.groups]
        if not len(columns[0]):
            return np.zeros((0, 2), dtype=np.int64)
        first, place = distinct(columns)
        rows = np.stack([column[first] for column in columns], axis=1)
        contexts = [tuple(row) for row in rows.tolist()]
        missing = [index for index, context in enumerate(contexts) if context not in self.known]
        if missing:
            if len(self.known) > CONTEXTS_KEPT:
                self.known.clear()
                missing = list(range(len(contexts)))
            self._learn(rows[missing])
        return np.array([self.known[context] for context in contexts], dtype=np.int64)[place]

    def _learn(self, rows: Ints) -> None:
        first, place = distinct([rows[:, 0], rows[:, 1], rows[:, 2]])
        for index, (operation, kernel, strided) in enumerate(rows[first, :3].tolist()):
            some = rows[place == index]
            widths = {name: some[:, 3 + number] for number, name in enumerate(self.groups)}
            vertices = self._build(operation, kernel, strided, widths)
            table = self._follow(vertices, widths, strided)
            for context, costs in zip(some.tolist(), table.tolist(), strict=True):
                self.known[tuple(context)] = (costs[0], costs[1])

    def _build(
        self, operation: int, kernel: int, strided: int, widths: dict[str, Ints]
    ) -> Sequence[Vertex]:
        choices, size = self.layout.choices, None
        if self.kernel is not None:
            size = int(choices[self.kernel].options[kernel])
        vertices = [self.layout.configure(v, widths, size, strided) for v in self.vertices]
        if self.body is None or self.operation is None:
            return vertices
        width = widths[self.layout.group_of[self.body.entry]]
        name = str(choices[self.operation].options[operation])
        rewriting = Rewriting(name, width, self.layout.multiple, frozenset())
        return rewrite(self.body.exchanged(self.body.entry, vertices), rewriting)

    def _follow(self, vertices: Sequence[Vertex], widths: dict[str, Ints], strided: int) -> Table:
        """Call the rules of one vertex after the other, for every distinct row of widths."""
        sizes, group_of = self.layout.sizes[strided], self.layout.group_of
        value = {name: (widths[group_of[name]], sizes[name]) for name in self.sources}
        total = np.zeros((len(next(iter(widths.values()))), 2), dtype=np.int64)
        for v in vertices:
            inputs = [value[name] for name in v.inputs]
            attributes = dict(v.attributes)
            own = [attributes[v.rule.width_attribute]] if v.rule.width_attribute else []
            columns: list[Any] = [width for width, _ in inputs] + own
            first, place = distinct(columns)
            answers = []
            for row in zip(*(column[first].tolist() for column in columns), strict=True):
                shapes = tuple((w, *size) for w, (_, size) in zip(row, inputs, strict=False))
                if v.rule.width_attribute:
                    attributes[v.rule.width_attribute] = row[-1]
                answers.append(_answer(v.operation, shapes, tuple(attributes.items())))
            table = np.array([(shape[0], *costs) for shape, *costs in answers], dtype=np.int64)
            value[v.name] = (table[place, 0], answers[0][0][1:])
            total += table[place, 1:]
        return total


@lru_cache(maxsize=100_000)
def _answer(
    operation: str, inputs: tuple[Shape, ...], attributes: tuple[tuple[str, Attribute], ...]
) -> tuple[Shape, int, int]:
    rule, given = OPERATIONS[operation], dict(attributes)
    return rule.shape(inputs, given), rule.parameters(inputs, given), rule.macs(inputs, given)


def distinct(columns: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Return where each distinct row occurs first, and which distinct row each row is.

    Args:
        columns: one or more (n,) arrays of non-negative numbers, n > 0.
    """
    key = columns[0]
    for column in columns[1:]:
        span = int(column.max()) + 1
        if (int(key.max()) + 1) * span >= 2**62:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
        key = key * span + column
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    return first, place


def segments(layout: Layout) -> tuple[Segment, ...]:
    """Return the parts of a graph that cost anything, without those that never do."""
    inside = {v.name for body, _ in layout.bodies.values() for v in body.chain}
    bodies = [
        Segment(layout, body.chain, body, operation, _kernel(layout, body.chain))
        for body, operation in layout.bodies.values()
    ]
    others = [
        Segment(layout, (v,), None, None, layout.kernels.get(v.name))
        for v in layout.graph.vertices
        if v.name not in inside and (v.rule.parameters, v.rule.macs) != (nothing, nothing)
    ]
    return (*bodies, *others)


def _kernel(layout: Layout, vertices: Sequence[Vertex]) -> int | None:
    return next((layout.kernels[v.name] for v in vertices if v.name in layout.kernels), None)
