"""How sure measurements are: standard errors, and the percentile bootstrap (Efron 1979)."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Interval = tuple[float, float]

RESAMPLES = 1000
PERCENTILES = (2.5, 97.5)
"""Of the resampled values: the ends of a 95 % interval."""


def resample(images: int, rng: np.random.Generator) -> Values:
    """Return how often each image occurs in each resample, (`RESAMPLES`, images)."""
    even = np.full(images, 1 / images)
    return rng.multinomial(images, even, size=RESAMPLES).astype(np.float64)


def interval(values: Values) -> Interval:
    """Return the ends of the 95 % interval of (`RESAMPLES`,) values; NaN counts for nothing."""
    low, high = np.nanpercentile(values, PERCENTILES)
    return float(low), float(high)


def standard_errors(examples: Mapping[str, Values], units: int) -> dict[str, float]:
    """Return the standard error of each mean of (n,) contributions, percent.

    Args:
        examples: by measurement.
        units: positions or objects looked at; one wrong one more or less is the least error.
    """
    return {
        name: max(float(each.std(ddof=1) / len(each) ** 0.5) if len(each) > 1 else 0.0, 100 / units)
        for name, each in examples.items()
    }
