"""What stays of a prototype and how wide it is, as arrays with one entry per design."""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from gensynth.design.layout import Layout
from gensynth.design.rewrite import uses_every_width
from gensynth.graph.coupling import CouplingGroup

Designs = NDArray[np.int64]
Mask = NDArray[np.bool_]


@final
@dataclass(frozen=True, slots=True)
class Survival:
    """What of the prototype is left in each of n designs.

    Args:
        designs: (n, choices) the designs, repaired if that was asked for.
        alive: vertex to an (n,) mask: whether it, or what it is rewritten into, is left.
        asked: keep choice to an (n,) mask: whether anything depends on it.
        illegal: (n,) whether a concat that is left has lost all its inputs.
    """

    designs: Designs
    alive: dict[str, Mask]
    asked: dict[int, Mask]
    illegal: Mask


def survival(layout: Layout, designs: Designs, *, repair: bool = False) -> Survival:
    """Find what is left in each design: all that an output still depends on.

    From the outputs backwards, so that what a dropped region hides is never asked for. With
    `repair` a concat that would lose all its inputs keeps its first one.

    Args:
        layout: where the choices act.
        designs: (n, choices) option indices.
        repair: whether to mend illegal designs.
    """
    return _Backwards(layout, designs, repair).run()


@final
class _Backwards:
    def __init__(self, layout: Layout, designs: Designs, repair: bool) -> None:
        self.layout = layout
        self.designs = designs.copy() if repair else designs
        self.repair = repair
        self.needed = {v.name: self.none() for v in layout.graph.vertices}
        self.asked: dict[int, Mask] = {}
        self.illegal = self.none()

    def none(self) -> Mask:
        return np.zeros(len(self.designs), dtype=np.bool_)

    def run(self) -> Survival:
        for _, source in self.layout.graph.outputs:
            self.needed[source] = ~self.none()
        for v in reversed(self.layout.graph.vertices):
            self.skip_dropped_blocks(v.name)
            for source, stays in zip(v.inputs, self.inputs_kept(v.name), strict=True):
                self.needed[source] |= self.needed[v.name] & stays
        self.needed[self.layout.graph.vertices[0].name] |= True
        return Survival(self.designs, self.needed, self.asked, self.illegal)

    def skip_dropped_blocks(self, name: str) -> None:
        for entry, keep in self.layout.blocks.get(name, ()):
            self.asked[keep] = self.needed[name]
            kept = self.designs[:, keep] == 1
            self.needed[entry] |= self.needed[name] & ~kept
            self.needed[name] = self.needed[name] & kept

    def inputs_kept(self, name: str) -> list[Mask]:
        always = ~self.none()
        keeps = self.layout.branches.get(name)
        if keeps is None:
            return [always] * len(self.layout.graph.by_name[name].inputs)
        lost = self.needed[name].copy()
        for keep in keeps:
            lost &= False if keep is None else self.designs[:, keep] == 0
        if self.repair and keeps[0] is not None:
            self.designs[lost, keeps[0]] = 1
        else:
            self.illegal |= lost
        self.asked |= {keep: self.needed[name] for keep in keeps if keep is not None}
        return [always if keep is None else self.designs[:, keep] == 1 for keep in keeps]


def active(layout: Layout, designs: Designs) -> Mask:
    """Return an (n, choices) mask: false where an option cannot change the design's graph.

    Args:
        layout: where the choices act.
        designs: (n, choices) option indices.
    """
    left = survival(layout, designs)
    mask = np.ones(designs.shape, dtype=np.bool_)
    for keep, asked in left.asked.items():
        mask[:, keep] = asked
    for name, (_, operation) in layout.bodies.items():
        mask[:, operation] = left.alive[name]
    for kernel in set(layout.kernels.values()):
        owners = [name for name, index in layout.kernels.items() if index == kernel]
        mask[:, kernel] = np.any([left.alive[name] for name in owners], axis=0)
    unused = _unused_widths(layout, designs)
    for group, index in layout.widths.items():
        users = [
            left.alive[name] & np.logical_not(unused.get(name, False))
            for name in layout.groups[group].members
        ]
        mask[:, index] = np.any(users, axis=0)
    return mask


def _unused_widths(layout: Layout, designs: Designs) -> dict[str, Mask]:
    """Return where a rewriting makes nothing of a convolution's width."""
    unused = {}
    for body, operation in layout.bodies.values():
        names = layout.choices[operation].options
        loses = np.array([not uses_every_width(str(name)) for name in names])
        for v in body.convolutions[1:-1]:
            unused[v.name] = loses[designs[:, operation]]
    return unused


def widths(layout: Layout, designs: Designs) -> dict[str, NDArray[np.int64]]:
    """Return each coupling group's width in channels, an (n,) array.

    Args:
        layout: where the choices act.
        designs: (n, choices) option indices.
    """
    found: dict[str, NDArray[np.int64]] = {}
    for name, group in layout.groups.items():
        if name in layout.widths:
            index = layout.widths[name]
            found[name] = np.array(layout.choices[index].options, dtype=np.int64)[designs[:, index]]
        elif group.parts and not group.frozen:
            found[name] = _joined(layout, group, designs, found)
        else:
            found[name] = np.full(len(designs), group.width, dtype=np.int64)
    return found


def _joined(
    layout: Layout, group: CouplingGroup, designs: Designs, found: dict[str, NDArray[np.int64]]
) -> NDArray[np.int64]:
    concat = next(n for n in group.values if layout.graph.by_name[n].rule.width_law == "sum")
    keeps = layout.branches.get(concat, (None,) * len(group.parts))
    total = np.zeros(len(designs), dtype=np.int64)
    for part, keep in zip(group.parts, keeps, strict=True):
        total += found[part] if keep is None else found[part] * (designs[:, keep] == 1)
    return total
