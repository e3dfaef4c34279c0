"""Information density (Canziani et al. 2016, arXiv 1605.07678): quality per parameter."""

from collections.abc import Mapping
from typing import final

from gensynth.performance.performance import PerformanceFunction, Values, needed, plain


@final
class InformationDensity(PerformanceFunction):
    """Quality per size, in percent per thousand parameters (the unit of the FermiNets paper).

    Args:
        quality: name of the quality measurement, in percent.
    """

    def __init__(self, *, quality: str) -> None:
        self._quality = quality

    @property
    def name(self) -> str:
        """The measurement's name."""
        return "information_density"

    @property
    def unit(self) -> str:
        """Percent per thousand parameters."""
        return "percent_per_kparameter"

    def score(self, measurements: Mapping[str, Values]) -> Values:
        """Return the density for one network (floats) or for many at once (arrays).

        Raises:
            ConfigurationError: the quality or `parameters` is not among the measurements.
        """
        thousands = needed(measurements, "parameters", self.name) / 1e3
        return plain(needed(measurements, self._quality, self.name) / thousands)
