"""The design space of a prototype: its choices, and what designs make of it."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from math import prod
from typing import final

import numpy as np
from numpy.typing import NDArray

from gensynth.design import columns
from gensynth.design.apply import apply
from gensynth.design.choice import Choice, Option
from gensynth.design.columns import Designs, Mask
from gensynth.design.costs import Costs, CostTable
from gensynth.design.layout import layout
from gensynth.design.names import near
from gensynth.design.offers import offers
from gensynth.design.reach import Cost, Reach, reach
from gensynth.design.settings import Settings
from gensynth.errors import InvalidDesign
from gensynth.graph.graph import Graph

__all__ = [
    "Choice", "Cost", "Costs", "Design", "DesignSpace", "Designs", "Option", "Reach", "derive",
]  # fmt: skip

Design = Sequence[int] | NDArray[np.int64]
"""(choices,) option indices."""


def derive(  # noqa: PLR0913 - one parameter per key of conf/design/
    graph: Graph,
    *,
    width_ratios: Sequence[float],
    width_multiple: int,
    operations: Sequence[str] | Mapping[str, Sequence[str]],
    kernels: Sequence[int],
    keep: bool,
    downsampling: bool,
    frozen: Sequence[str],
) -> "DesignSpace":
    """Return the legal variations of a prototype; an empty list or false switches a family off.

    Args:
        graph: the prototype.
        width_ratios: widths offered to every coupling group, as ratios of its own (above 0).
        width_multiple: what widths are rounded to a multiple of; the prototype's own stay.
        operations: region operations offered to bodies besides `dense`; a mapping of patterns of
            body names to lists offers each list to the bodies that match.
        kernels: odd kernels offered to bodies besides their own.
        keep: whether blocks and branches may be dropped.
        downsampling: whether strides may change, where the output does not depend on them.
        frozen: patterns (`*`, `?`, `[...]`) of names: vertices and regions that no design changes,
            choices that are not offered.

    Raises:
        ConfigurationError: a setting has a wrong value, or a pattern names nothing.
    """
    settings = Settings(
        width_ratios=width_ratios,
        width_multiple=width_multiple,
        operations=operations,
        kernels=kernels,
        keep=keep,
        downsampling=downsampling,
        frozen=frozen,
    )
    return DesignSpace(graph, offers(graph, settings), width_multiple=width_multiple)


@final
class DesignSpace:
    """All legal variations of a prototype. A design is one option index per choice.

    Where `designs` are taken they are (n, choices) option indices, one row per design.

    Args:
        graph: the prototype.
        choices: as `derive` offers them.
        width_multiple: what widths inside rewritten bodies are multiples of.
    """

    def __init__(self, graph: Graph, choices: Sequence[Choice], *, width_multiple: int) -> None:
        self.graph = graph
        self.choices = tuple(choices)
        self.options_per_choice: NDArray[np.int64] = np.array(
            [len(c.options) for c in self.choices], dtype=np.int64
        )
        self.prototype_design = tuple(c.prototype for c in self.choices)
        self._layout = layout(graph, self.choices, width_multiple)
        self._table = CostTable(self._layout)

    @property
    def size(self) -> int:
        """Number of designs, those counted apart that differ in inactive choices alone."""
        return prod(len(c.options) for c in self.choices)

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Name of a choice to its index."""
        return {c.name: index for index, c in enumerate(self.choices)}

    def legal(self, designs: Designs) -> Mask:
        """Return an (n,) mask: options exist, and no concat that is left loses all its inputs."""
        rows = self._rows(designs)
        exist = np.all((rows >= 0) & (rows < self.options_per_choice), axis=1)
        inside = np.where(exist[:, None], rows, np.array(self.prototype_design))
        mask: Mask = exist & ~columns.survival(self._layout, inside).illegal
        return mask

    def repair(self, designs: Designs) -> Designs:
        """Return legal designs: a concat that would lose all its inputs keeps its first one.

        Raises:
            InvalidDesign: an option does not exist.
        """
        rows = self._existing(designs)
        return columns.survival(self._layout, rows, repair=True).designs

    def apply(self, design: Design) -> Graph:
        """Return the graph that a design describes; the prototype's design gives the prototype.

        Raises:
            InvalidDesign: the design has the wrong length, an option that does not exist, or drops
                all inputs of a concat.
        """
        return apply(self._layout, self._legal(np.asarray(design)[None])[0])

    def digest(self, design: Design) -> str:
        """Return the digest of the design's graph: equal exactly when two designs are."""
        return self.apply(design).digest

    def costs(self, designs: Designs) -> Costs:
        """Return the exact parameters and MACs of n designs, without building them.

        Raises:
            InvalidDesign: a design is not legal.
        """
        return self._table.costs(self._legal(designs))

    def active(self, designs: Designs) -> Mask:
        """Return an (n, choices) mask: false where no option of a choice can change the graph.

        Raises:
            InvalidDesign: a design is not legal.
        """
        return columns.active(self._layout, self._legal(designs))

    def canonical(self, designs: Designs) -> Designs:
        """Return the designs with inactive choices set to the prototype's options; same graphs.

        Raises:
            InvalidDesign: a design is not legal.
        """
        return np.where(self.active(designs), designs, np.array(self.prototype_design))

    def describe(self, design: Design) -> dict[str, Option]:
        """Return the chosen option of every choice by name.

        Raises:
            InvalidDesign: the design is not legal.
        """
        row = self._legal(np.asarray(design)[None])[0]
        return {c.name: c.options[int(i)] for c, i in zip(self.choices, row, strict=True)}

    def from_description(self, description: Mapping[str, Option]) -> tuple[int, ...]:
        """Return the design that `describe` described; choices not named are the prototype's.

        Raises:
            InvalidDesign: there is no such choice or option, or the design is not legal.
        """
        design = list(self.prototype_design)
        for name, option in description.items():
            if name not in self.position:
                raise InvalidDesign(f"no choice {name!r}{near(name, self.position)}")
            design[self.position[name]] = self.choices[self.position[name]].index(option)
        self._legal(np.array([design], dtype=np.int64))
        return tuple(design)

    def reach(self) -> Reach:
        """Return the exact least and largest parameters and MACs, and the number of designs."""
        return reach(self._layout, self._table)

    def _rows(self, designs: Designs) -> Designs:
        rows = np.asarray(designs)
        if not rows.size:
            rows = rows.astype(np.int64)
        if rows.ndim != 2 or rows.shape[1] != len(self.choices) or rows.dtype.kind not in "iu":
            raise InvalidDesign(
                f"a design is {len(self.choices)} option indices (whole numbers); got an array of "
                f"shape {rows.shape} and type {rows.dtype}"
            )
        return rows.astype(np.int64, copy=False)

    def _existing(self, designs: Designs) -> Designs:
        rows = self._rows(designs)
        wrong = np.argwhere((rows < 0) | (rows >= self.options_per_choice))
        if len(wrong):
            row, index = wrong[0]
            own = self.choices[index]
            raise InvalidDesign(
                f"design {row}: {own.name} has options 0 to {len(own.options) - 1}, got "
                f"{rows[row, index]}"
            )
        return rows

    def _legal(self, designs: Designs) -> Designs:
        rows = self._existing(designs)
        illegal = np.flatnonzero(columns.survival(self._layout, rows).illegal)
        if len(illegal):
            raise InvalidDesign(
                f"design {illegal[0]} drops all inputs of a concat; one must stay (`repair` keeps "
                "the first)"
            )
        return rows
