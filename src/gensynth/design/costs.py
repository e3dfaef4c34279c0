"""Exact parameters and MACs of thousands of designs at once: the sum over their segments."""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from gensynth.design.columns import Designs, survival, widths
from gensynth.design.layout import Layout
from gensynth.design.segments import Table, segments


@final
@dataclass(frozen=True, slots=True)
class Costs:
    """Exact costs of n designs.

    Args:
        parameters: (n,) trained numbers.
        macs: (n,) multiply-adds of convolutions and linear layers for one input.
    """

    parameters: NDArray[np.int64]
    macs: NDArray[np.int64]


@final
class CostTable:
    """What designs of one space cost, remembered as they come up.

    Args:
        layout: where the choices act.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._segments = segments(layout)

    def costs(self, designs: Designs) -> Costs:
        """Return the costs of (n, choices) legal designs."""
        total = self._sum(designs, None)
        return Costs(total[:, 0], total[:, 1])

    def extremes(self, designs: Designs, *, largest: bool) -> Table:
        """Return the (n, 2) least (or largest) costs over the designs' operations and kernels.

        Exact for parameters and for MACs separately: a body's operation matters to that body alone,
        and no cost falls when a kernel grows.

        Args:
            designs: (n, choices) option indices; those of operations and kernels do not matter.
            largest: the largest instead of the least.
        """
        return self._sum(designs, largest)

    def _sum(self, designs: Designs, largest: bool | None) -> Table:
        total = np.zeros((len(designs), 2), dtype=np.int64)
        alive, wide = survival(self._layout, designs).alive, widths(self._layout, designs)
        for segment in self._segments:
            left = np.flatnonzero(alive[segment.exit])
            some = {name: wide[name][left] for name in segment.groups}
            if largest is None:
                total[left] += segment.costs(designs[left], some)
            else:
                total[left] += segment.extremes(designs[left], some, largest)
        return total
