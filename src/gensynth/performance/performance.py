"""The contract of the performance function U (design word: performance function)."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gensynth.errors import ConfigurationError

Values = float | NDArray[np.float64]


class PerformanceFunction(ABC):
    """U: one number to maximise, from named measurements."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The measurement's name, with its unit or without."""

    @property
    def unit(self) -> str:
        """Its unit, where it has one and the name does not say it; words joined by `_`."""
        return ""

    @abstractmethod
    def score(self, measurements: Mapping[str, Values]) -> Values:
        """Return U for one network (floats) or for many at once (arrays of equal length).

        Raises:
            ConfigurationError: a measurement it needs is not among those listed.
        """


def needed(measurements: Mapping[str, Values], name: str, by: str) -> Values:
    """Return the measurement called `name`, which the performance function `by` needs.

    Raises:
        ConfigurationError: it is not among the measurements.
    """
    if name not in measurements:
        raise ConfigurationError(
            f"performance {by!r} needs the measurement {name!r}, got {sorted(measurements)}"
        )
    return measurements[name]


def plain(values: Values) -> Values:
    """Return a NumPy scalar as a float, arrays as they are."""
    return values if isinstance(values, np.ndarray) else float(values)
