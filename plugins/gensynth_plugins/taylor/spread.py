"""Variances over images that arrive in batches."""

from typing import final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


@final
class Spread:
    """Variance over images, averaged over directions, of one or several numbers per image."""

    def __init__(self) -> None:
        self._count: dict[int, int] = {}
        self._sums: dict[int, NDArray[np.float64]] = {}
        self._squares: dict[int, NDArray[np.float64]] = {}

    def add(self, direction: int, numbers: Tensor) -> None:
        """Take in (n, ...) numbers of n more images, seen along one direction."""
        found = numbers.double()
        known = direction in self._count
        self._count[direction] = len(found) + (self._count[direction] if known else 0)
        for total, more in ((self._sums, found), (self._squares, found**2)):
            added = more.sum(0).cpu().numpy()
            total[direction] = total[direction] + added if known else added

    def variance(self) -> NDArray[np.float64]:
        """Return the (...) variances.

        Raises:
            ZeroDivisionError: nothing was taken in.
        """
        total = sum(
            np.maximum(self._squares[one] / n - (self._sums[one] / n) ** 2, 0.0)
            for one, n in self._count.items()
        )
        return np.asarray(total / len(self._count))
