"""Usable information about numbers: what a linear reader can tell about them, in bits.

As `usable_information`, with another family of predictors: linear regression. Where an error is
normal, so many bits are what it takes less to write a number down once it is predicted.
"""

import numpy as np

from gensynth_plugins.mutual_info.usable_information import (
    FAINT,
    SCALES,
    Array,
    Labels,
    deal,
    deal_groups,
)


def usable_value_bits(
    features: Array,
    values: Array,
    *,
    folds: int,
    shrinkage: float,
    rng: np.random.Generator,
    groups: Labels | None = None,
) -> Array:
    """Return (c,) bits that the first 1, 2, ... c channels tell about k numbers together.

    information(w) = sum over the numbers of 1/2 log2(variance / mean squared error of the
    regression on w channels), on rows it has not seen. Predictions are multiplied by that scale out
    of `SCALES` which did best on the other folds; it keeps uninformative channels at zero.

    Args:
        features: (n, c) channel values.
        values: (n, k).
        folds: parts of the cross-validation, 3 or more.
        shrinkage: covariances between channels are multiplied by 1 - shrinkage.
        rng: deals rows to folds.
        groups: (n,) rows that share a value stay in one fold; by default each is on its own.
    """
    alone = np.zeros(len(values), dtype=np.int64)
    fold_of = deal(alone, folds, rng) if groups is None else deal_groups(groups, folds, rng)
    known = np.unique(fold_of)
    errors = np.zeros((len(known), len(SCALES), features.shape[1], values.shape[1]))
    for number, fold in enumerate(known):
        test = fold_of == fold
        errors[number] = _squared_errors(
            features[~test], values[~test], features[test], values[test], shrinkage
        )
    best = np.argmin(errors.sum(0) - errors, axis=1)[:, None]  # each without the fold itself
    chosen = np.take_along_axis(errors, best, axis=1).sum((0, 1))
    plain = errors[:, SCALES.index(0.0)].sum(0)
    return np.asarray(np.log2(np.maximum(plain, 1e-30) / np.maximum(chosen, 1e-30)).sum(-1) / 2)


def _squared_errors(
    known: Array, values: Array, unknown: Array, wanted: Array, shrinkage: float
) -> Array:
    """Return (scales, c, k) squared errors, summed over the m unknown rows."""
    centre, mean = known.mean(0), values.mean(0)
    centred = known - centre
    scale = np.sqrt(np.maximum(centred.var(0), FAINT))
    centred /= scale
    covariance = (1 - shrinkage) * (centred.T @ centred) / len(known)
    np.fill_diagonal(covariance, 1.0)
    # The leading part of a factor is the factor of the leading part: one for all channel counts.
    whiten = np.tril(np.linalg.inv(np.linalg.cholesky(covariance)))
    slopes = whiten @ (centred.T @ (values - mean)) / len(known)
    rows, rest = (unknown - centre) / scale @ whiten.T, wanted - mean
    errors = np.empty((len(SCALES), known.shape[1], values.shape[1]))
    for number in range(values.shape[1]):
        predicted = np.cumsum(rows * slopes[:, number], axis=1)
        along, size = rest[:, number] @ predicted, (predicted**2).sum(0)
        for index, one in enumerate(SCALES):
            errors[index, :, number] = (rest[:, number] ** 2).sum() - one * (2 * along - one * size)
    return errors
