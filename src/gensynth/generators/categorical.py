"""Arithmetic of independent categorical distributions, one probability vector per choice."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Probabilities = list[Vector]
"""One vector per choice; its length is that choice's number of options."""

BISECTIONS = 60


def inverse_cdf(probabilities: Sequence[Vector], uniforms: Vector) -> NDArray[np.int64]:
    """Turn (n, choices) numbers in [0, 1) into (n, choices) option indices."""
    drawn = np.empty(uniforms.shape, dtype=np.int64)
    for choice, vector in enumerate(probabilities):
        edges = np.cumsum(vector)[:-1]  # the last option takes what rounding leaves
        drawn[:, choice] = np.searchsorted(edges, uniforms[:, choice], side="right")
    return drawn


def divergence_nats(new: Sequence[Vector], old: Sequence[Vector]) -> float:
    """Return KL(new || old), exact because the choices are independent: the sum over choices."""
    total = 0.0
    for p, q in zip(new, old, strict=True):
        used = p > 0
        total += float(np.sum(p[used] * np.log(p[used] / q[used])))
    return max(total, 0.0)


def entropy_nats(probabilities: Sequence[Vector]) -> float:
    """Return the entropy of the joint distribution: the sum over choices."""
    return float(sum(-np.sum(p[p > 0] * np.log(p[p > 0])) for p in probabilities))


def with_floor(vector: Vector, floor: float) -> Vector:
    """Return the vector with every option at `floor` or above; one that is stays as it is."""
    above = np.maximum(vector - floor, 0.0)
    return np.asarray(floor + above / above.sum() * (1 - floor * len(vector)))


def mix(old: Sequence[Vector], new: Sequence[Vector], share: float) -> Probabilities:
    """Return (1 - share) old + share new."""
    return [p + share * (q - p) for p, q in zip(old, new, strict=True)]


def evened(probabilities: Sequence[Vector], power: float) -> Probabilities:
    """Return every vector's power, normalised: 1 leaves it, 0 makes its options equally likely."""
    powers = [vector**power for vector in probabilities]
    return [vector / vector.sum() for vector in powers]


def largest_step(
    path: Callable[[float], Sequence[Vector]], start: Sequence[Vector], limit_nats: float
) -> float:
    """Return the largest t in [0, 1] with KL(path(t) || start) <= limit_nats, by bisection.

    Args:
        path: distributions from path(0), which lies within the limit, to path(1).
        start: where the divergence is measured from.
        limit_nats: the trust region.
    """
    if divergence_nats(path(1.0), start) <= limit_nats:
        return 1.0
    inside, outside = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (inside + outside) / 2
        if divergence_nats(path(middle), start) <= limit_nats:
            inside = middle
        else:
            outside = middle
    return inside


def tilted(
    probabilities: Sequence[Vector],
    designs: NDArray[np.int64],
    active: NDArray[np.bool_],
    advantages: Vector,
) -> Probabilities:
    """Return probabilities moved towards designs with an advantage; may leave the simplex.

    new_o = p_o + sum over designs i of advantage_i (1[design i has option o] - p_o): the natural
    gradient of the weighted log likelihood, estimated by the score function. An inactive choice
    says nothing about its options; leaving its design out removes that noise from the estimate.

    Args:
        probabilities: what the designs were drawn from.
        designs: (n, choices) option indices.
        active: (n, choices), False where a design's choice has no effect.
        advantages: (n,) weights minus their average, which serves as baseline.
    """
    result = []
    for choice, vector in enumerate(probabilities):
        told = advantages * active[:, choice]
        counts = np.bincount(designs[:, choice], told, minlength=len(vector))
        result.append(vector + counts - told.sum() * vector)
    return result
