"""Usable class information: what a linear reader can tell about the class, in bits.

After Xu et al. 2020, "A theory of usable information under computational constraints": the entropy
of the class minus the log loss, on rows it has not seen, of the best predictor of a family; here
the family is shrinkage linear discriminants. All leading channel counts are read from one Cholesky
factor, because the leading part of a covariance's factor is the factor of its leading part.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

SCALES = (0.0, 0.125, 0.25, 0.375, 0.5, 0.75, 1.0, 1.5)
"""How far a discriminant's evidence is trusted; 0: not at all, the prior alone. All are eighths;
those above 1/8 are sums of two that come before them, as equal as eighths allow."""
BLOCK_BYTES = 2**20
"""Memory for the evidence that is weighed at a time: what a core's caches hold."""
FAINT = 1e-6
"""Least share of a channel's variance that counts as variance within classes."""


def usable_information_bits(
    features: Array,
    classes: Labels,
    *,
    folds: int,
    shrinkage: float,
    rng: np.random.Generator,
    groups: Labels | None = None,
) -> Array:
    """Return (c,) bits that the first 1, 2, ... c channels tell about the class.

    information(w) = H(class) - cross-validated log loss of the discriminant on w channels, whose
    evidence is multiplied by that scale out of `SCALES` which did best on the other folds. The
    scale keeps uninformative channels at zero, within error, instead of far below. Never above
    H(class).

    Args:
        features: (n, c) channel values.
        classes: (n,) class of each row; any integers.
        folds: parts of the cross-validation, 3 or more.
        shrinkage: above 0, up to 1; see `class_scatter`.
        rng: deals rows to folds.
        groups: (n,) rows that share a value stay in one fold (positions of one image); by default
            each row is on its own and each fold holds the same share of every class.
    """
    values, labels = np.unique(classes, return_inverse=True)
    fold_of = deal(labels, folds, rng) if groups is None else deal_groups(groups, folds, rng)
    losses = np.zeros((folds, len(SCALES), features.shape[1]))
    for fold in np.unique(fold_of):
        test = fold_of == fold
        prior = (np.bincount(labels[~test], minlength=len(values)) + 0.5) / (
            (~test).sum() + 0.5 * len(values)
        )
        blocks = evidence_nats(features[~test], labels[~test], features[test], prior, shrinkage)
        found = [_summed_losses_nats(gains, labels[test], prior) for gains in blocks]
        losses[fold] = np.concatenate(found, axis=1)
    best = np.argmin(losses.sum(0) - losses, axis=1)  # (folds, c), each without the fold itself
    chosen = np.take_along_axis(losses, best[:, None], axis=1).sum((0, 1))
    return np.asarray((_entropy_nats(labels) - chosen / len(labels)) / np.log(2))


def evidence_nats(
    known: Array, labels: Labels, unknown: Array, prior: Array, shrinkage: float
) -> Iterator[Array]:
    """Yield, some channels at a time, the log likelihood of each class; (b, classes, m).

    Entry [w, k, i] of all blocks together is log p(first w + 1 channels of row i | class k), up to
    a number that is the same for every class; adding the log prior gives a linear discriminant's
    log odds.

    Args:
        known: (n, c) rows that the discriminant is made from.
        labels: (n,) their classes, from 0.
        unknown: (m, c) rows to tell the class of.
        prior: (classes,) only its length is used.
        shrinkage: see `class_scatter`.
    """
    centre, matrix, means = whitening(known, labels, len(prior), shrinkage)
    rows = matrix @ (unknown - centre).T
    before = np.zeros((len(prior), len(unknown)))
    channels = max(1, BLOCK_BYTES // before.nbytes)
    for start in range(0, len(rows), channels):
        block = slice(start, start + channels)
        gains = means.T[block, :, None] * rows[block, None, :]
        gains -= (means.T[block] ** 2 / 2)[:, :, None]
        for gain in gains:  # contiguous; np.cumsum takes ten times as long
            before += gain
            gain[:] = before
        yield gains


def whitening(
    features: Array, labels: Labels, classes: int, shrinkage: float
) -> tuple[Array, Array, Array]:
    """Return centre (c,), matrix (c, c) and class means (classes, c) of round classes.

    matrix @ (x - centre) has unit covariance within classes. The matrix is lower triangular, hence
    its leading part whitens the leading channels.
    """
    scatter = class_scatter(features, labels, classes, shrinkage)
    matrix = np.tril(np.linalg.inv(np.linalg.cholesky(scatter.within)))
    return features.mean(0), matrix / scatter.scale, scatter.means @ matrix.T


@final
@dataclass(frozen=True, slots=True)
class Scatter:
    """How features / scale lie between and within classes.

    Args:
        scale: (c,) each channel's deviation within classes.
        within: (c, c) covariance within classes, ones on the diagonal, the rest shrunk.
        means: (classes, c) class means relative to the overall mean.
        shares: (classes,) of the rows.
    """

    scale: Array
    within: Array
    means: Array
    shares: Array


def class_scatter(features: Array, labels: Labels, classes: int, shrinkage: float) -> Scatter:
    """Return the scatter of (n, c) features with (n,) labels from 0.

    Covariances between channels are multiplied by 1 - shrinkage. Unlike shrinking towards a
    multiple of the identity, this does not depend on how many channels are read. A channel without
    variance keeps the value 0; a class without rows gets the overall mean.
    """
    counts = np.bincount(labels, minlength=classes)
    centred = features - features.mean(0)
    means = (np.eye(classes)[labels].T @ centred) / np.maximum(counts, 1)[:, None]
    within = centred - means[labels]
    variance = np.maximum(within.var(0), FAINT * centred.var(0))
    scale = np.sqrt(np.where(variance > 0, variance, 1.0))
    within /= scale
    covariance = (1 - shrinkage) * (within.T @ within) / len(labels)
    np.fill_diagonal(covariance, 1.0)
    return Scatter(scale, covariance, means / scale, counts / len(labels))


def _summed_losses_nats(gains: Array, labels: Labels, prior: Array) -> Array:
    """Return (scales, c) log losses, summed over m rows of (c, classes, m) evidence."""
    gains = gains - gains.max(1, keepdims=True)
    own = gains[:, labels, np.arange(len(labels))].sum(1)
    powers = {1: np.exp(gains / 8)}  # by eighths of the scale: products, because exp is slow
    losses = np.zeros((len(SCALES), len(gains)))
    for index, scale in enumerate(SCALES):
        eighths = round(8 * scale)
        if eighths > 1:
            powers[eighths] = powers[eighths // 2] * powers[eighths - eighths // 2]
        if eighths:
            losses[index] = np.log(np.matmul(prior, powers[eighths])).sum(1) - scale * own
    return np.asarray(losses - np.log(prior[labels]).sum())


def _entropy_nats(labels: Labels) -> float:
    shares = np.bincount(labels) / len(labels)
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())


def deal(labels: Labels, folds: int, rng: np.random.Generator) -> Labels:
    """Deal every class round the folds, in random order."""
    shuffled = rng.permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    fold_of = np.empty(len(labels), dtype=np.int64)
    fold_of[by_class] = np.arange(len(labels)) % folds
    return fold_of


def deal_groups(groups: Labels, folds: int, rng: np.random.Generator) -> Labels:
    """Deal groups round the folds, in random order; their rows stay together."""
    _, index = np.unique(groups, return_inverse=True)
    fold_of = rng.permutation(int(index.max()) + 1) % folds
    return np.asarray(fold_of[index])
