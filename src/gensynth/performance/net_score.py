"""NetScore (Wong 2018, arXiv 1806.05512): accuracy against size and work, in decibels."""

from collections.abc import Mapping
from typing import final

import numpy as np

from gensynth.performance.performance import PerformanceFunction, Values, needed, plain

LEAST_QUALITY = 0.01


@final
class NetScore(PerformanceFunction):
    """20 log10(a^alpha / (p^beta m^gamma)).

    a is the quality in percent, p the parameters in millions, m the multiply-adds in billions. A
    quality below 0.01 % counts as 0.01 %, so that a useless network has a low but finite score.

    Args:
        quality: name of the quality measurement, in percent.
        alpha: weight of the quality.
        beta: weight of the parameters.
        gamma: weight of the multiply-adds.
    """

    def __init__(self, *, quality: str, alpha: float, beta: float, gamma: float) -> None:
        self._quality = quality
        self._exponents = alpha, beta, gamma

    @property
    def name(self) -> str:
        """The measurement's name; it has no unit."""
        return "net_score"

    def score(self, measurements: Mapping[str, Values]) -> Values:
        """Return NetScore for one network (floats) or for many at once (arrays of equal length).

        Raises:
            ConfigurationError: the quality, `parameters` or `macs` is not among the measurements.
        """
        alpha, beta, gamma = self._exponents
        quality = np.maximum(needed(measurements, self._quality, self.name), LEAST_QUALITY)
        millions = needed(measurements, "parameters", self.name) / 1e6
        billions = needed(measurements, "macs", self.name) / 1e9
        decades = alpha * np.log10(quality) - beta * np.log10(millions) - gamma * np.log10(billions)
        return plain(20 * decades)
