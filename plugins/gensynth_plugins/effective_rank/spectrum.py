"""How many independent channels some channels amount to, and which of them stand for the others.

The effective rank of a covariance is the exponential of the entropy of its normalised eigenvalues
(Roy & Vetterli 2007). Here the entropy is Renyi's of order 2, which makes it the participation
ratio, (sum of eigenvalues)^2 / sum of their squares: both sums are read off the matrix itself,
(trace C)^2 / |C|^2, for all leading channel counts in one pass.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FAINT = 1e-12
"""A channel with less variance, relative to its mean square, does not vary."""


def correlations(features: Array) -> Array:
    """Return the (c, c) correlations of (n, c) features; 0 all along channels that do not vary."""
    centred = features - features.mean(0)
    variance = centred.var(0)
    alive = variance > FAINT * (features**2).mean(0)
    centred /= np.sqrt(np.where(alive, variance, 1.0))
    centred[:, ~alive] = 0.0
    return np.asarray(centred.T @ centred / len(features))


def effective_ranks(correlation: Array, rows: int) -> Array:
    """Return (c,) effective ranks of the first 1, 2, ... c channels; 0 while none of them varies.

    Channels count at equal variance, since the layer that reads them may scale them as it likes:
    C is the correlation matrix, and rank(w) = w^2 / sum over i, j <= w of rho_ij^2. Copies
    of one channel have rank 1, channels without correlation have rank w.

    Args:
        correlation: (c, c), see `correlations`.
        rows: that it was estimated from, more than 2; n rows of independent channels have
            rho^2 = 1 / (n - 1) on average, which is taken out: 1 - (1 - rho^2) (n - 1) / (n - 2).
    """
    squares = 1 - (1 - correlation**2) * (rows - 1) / (rows - 2)
    alive = np.diag(correlation) > 0
    squares[~alive] = squares[:, ~alive] = 0.0
    below = np.tril(squares, -1).sum(1)
    total = np.cumsum(2 * below + alive)
    count = np.cumsum(alive)
    ranks = np.where(count > 0, count**2 / np.maximum(total, FAINT), 0.0)
    return np.asarray(np.clip(ranks, np.minimum(count, 1), count))


def representative_order(correlation: Array) -> tuple[int, ...]:
    """Return all c channels: next comes the one that explains most of what is left of all.

    Greedy column subset selection: the channel j with the largest sum over i of C_ij^2 / C_jj,
    after the channels before it have explained what they can, O(c^3) in all. Copies of a chosen
    channel come late, dead channels last.
    """
    left = correlation.copy()
    waiting = list(range(len(left)))
    order = []
    for _ in range(len(left)):
        own = np.diag(left)[waiting]
        sums = (left[:, waiting] ** 2).sum(0)
        nothing = np.diag(correlation)[waiting] - 2  # dead ones after those that are explained
        explained = np.where(own > FAINT, sums / np.maximum(own, FAINT), nothing)
        chosen = waiting.pop(int(np.argmax(explained)))
        order.append(chosen)
        if left[chosen, chosen] > FAINT:
            column = left[:, chosen] / np.sqrt(left[chosen, chosen])
            left -= np.outer(column, column)
    return tuple(order)
