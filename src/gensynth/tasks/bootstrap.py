"""Intervals from images drawn anew: the percentile bootstrap (Efron 1979)."""

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
