"""Chances that something holds at a design, counted among its neighbours."""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from gensynth.inquisitors.regression import pairwise

Values = NDArray[np.float64]

REACH = 0.5
"""Distance at which an observation counts exp(-1/2); two random designs are about 1 apart."""


@final
@dataclass(frozen=True, slots=True)
class NeighbourCount:
    """A Beta distribution whose counts are observations weighted by nearness.

    Args:
        coordinates: (n, d) where something was seen to hold or not.
        held: (n,) whether it held.
        before: (held, not held) counts believed before any observation.
    """

    coordinates: Values
    held: NDArray[np.bool_]
    before: tuple[float, float]

    def probability(self, coordinates: Values) -> Values:
        """Return the (m,) expected chance that it holds at (m, d) coordinates."""
        yes, no = self.before
        near = np.exp(-0.5 * (pairwise(coordinates, self.coordinates) / REACH) ** 2)
        return np.asarray((yes + near @ self.held) / (yes + no + near.sum(1)))
