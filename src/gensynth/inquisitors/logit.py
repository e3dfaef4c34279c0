"""Percent to log-odds and back: the scale on which quality is predicted.

On log-odds an improvement from 98 to 99 % is as hard as one from 50 to 67 %, a prediction can never
leave 0-100 %, and halving a network's cost takes away roughly the same amount wherever one starts.
"""

import numpy as np
import torch
from numpy.typing import NDArray

Values = NDArray[np.float64]

EDGE_PERCENT = 0.25
"""Observed percentages nearer than this to 0 or 100 carry no more information than this."""

EDGE_ERROR_LOGITS = 1.0

Z95 = 1.96

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(15)


def to_logits(percent: Values | float) -> Values:
    """Return log(p / (1 - p)) of percentages, kept `EDGE_PERCENT` away from both ends."""
    share = np.clip(np.asarray(percent, dtype=np.float64), EDGE_PERCENT, 100 - EDGE_PERCENT) / 100
    return np.asarray(np.log(share / (1 - share)))


def error_in_logits(percent: float, error_percent: float) -> float:
    """Return the standard error in logits (delta method) of a percentage's standard error.

    A reading of 0 or 100 % has a binomial standard error of zero and yet says little; it gets at
    least `EDGE_ERROR_LOGITS`.
    """
    kept = min(max(percent, EDGE_PERCENT), 100 - EDGE_PERCENT) / 100
    error = error_percent / 100 / (kept * (1 - kept))
    return error if 0 < percent < 100 else max(error, EDGE_ERROR_LOGITS)


def to_percent(logits: Values | float) -> Values:
    """Return the percentages of log-odds."""
    return np.asarray(100 / (1 + np.exp(-np.asarray(logits, dtype=np.float64))))


def percent_moments(mean: Values, deviation: Values) -> tuple[Values, Values]:
    """Return mean and standard deviation in percent of normally distributed log-odds.

    Args:
        mean: (n,) means in logits.
        deviation: (n,) standard deviations in logits.

    Returns:
        Two (n,) arrays in percent, by 15-point Gauss-Hermite quadrature.
    """
    weights = _WEIGHTS / _WEIGHTS.sum()
    values = to_percent(mean[:, None] + deviation[:, None] * _NODES)
    expected = values @ weights
    variance = ((values - expected[:, None]) ** 2) @ weights
    return expected, np.sqrt(variance)


def interval_percent(percent: float, deviation_percent: float) -> tuple[float, float]:
    """Return the 95 % interval, inside 0 to 100, of a prediction that is normal in log-odds.

    Args:
        percent: its mean.
        deviation_percent: its standard deviation, carried over to log-odds by the delta method.
    """
    middle, error = float(to_logits(percent)), error_in_logits(percent, deviation_percent)
    return float(to_percent(middle - Z95 * error)), float(to_percent(middle + Z95 * error))


def probability_at_least(limit_percent: float, mean: Values, deviation: Values) -> Values:
    """Return the (n,) probability that normally distributed log-odds exceed a limit in percent."""
    if limit_percent <= 0:
        return np.ones_like(mean)
    if limit_percent >= 100:
        return np.zeros_like(mean)
    limit = np.log(limit_percent / (100 - limit_percent))
    below = torch.from_numpy((limit - mean) / np.maximum(deviation, 1e-9))
    return np.asarray(torch.special.ndtr(-below).numpy())
