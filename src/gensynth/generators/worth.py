"""What a judged design is worth to a generator, and how that weighs samples."""

import numpy as np
from numpy.typing import NDArray

from gensynth.generators.generator import Designs, Judge, Judgement

Values = NDArray[np.float64]

CAUTION = 2.0
"""Exponent of the probability that the requirements hold."""

SURE = 0.9
"""Probability from which on a design counts as one that meets the requirements."""


def worth(judge: Judge, designs: Designs, reference: Designs, allowed: NDArray[np.bool_]) -> Values:
    """Return (n,) the worth of designs, relative to the best of them: 0 to 1.

    worth = P^2 tau softplus((U - U_0) / tau): P, the probability that all requirements hold (or the
    power of it that the judge tells, to be careful), and the gain in performance over U_0, the best
    that is already to be had: what the judge says is in hand, the best of these designs that meet
    the requirements with a probability of `SURE` or more, or the prototype, whichever is best. What
    is worth most thus lies just beyond what is sure, where an evaluation also teaches most; as
    theta_I learns, U_0 moves along. P alone would chase slim chances of large gains; but a
    generator has to meet the requirements with every seed, hence the square. tau, a quarter of the
    standard deviation of U over the designs, rounds the corner at U_0, so that designs below it can
    still be told apart. Logarithms are used, so that the smallest P still counts: far from any that
    pass, the worth climbs P. Where P is 0 for all designs, the expected quality of the allowed ones
    stands in for it.

    Args:
        judge: what to ask.
        designs: (n, choices).
        reference: (1, choices), the prototype.
        allowed: (n,) mask of the designs that meet the requirements on exact costs.
    """
    judgement = judge(designs)
    logarithm = _log_worth(judgement, float(judge(reference).utility[0]))
    if np.isfinite(logarithm).any():
        return np.asarray(np.exp(logarithm - logarithm.max()))
    return _by_quality(judgement, allowed)


def elite_advantages(values: Values, fraction: float) -> Values:
    """Return (n,) by how much n values weigh more than average, once only the elite counts.

    The weight of a value grows linearly with its rank inside the best `fraction` and is zero below;
    ties share what their ranks would get (information-geometric optimisation, Ollivier et al.
    2017). Only the order counts, so that one outlier cannot take all. Weights sum to one, hence
    advantages to zero, and are zero where all values are equal.
    """
    count = len(values)
    ordered = np.sort(values)
    low = np.searchsorted(ordered, values, side="left") / count
    high = np.searchsorted(ordered, values, side="right") / count

    def integral(rank: Values) -> Values:
        return np.asarray(np.maximum(rank - (1 - fraction), 0.0) ** 2)

    weights = (integral(high) - integral(low)) / (high - low)
    return np.asarray(weights / weights.sum() - 1 / count)


def _log_worth(judgement: Judgement, reference_utility: float) -> Values:
    utility = judgement.utility
    usable = np.isfinite(utility) & (judgement.probability > 0)
    result = np.full(len(utility), -np.inf)
    if not usable.any():
        return result
    spread = max(
        float(utility[usable].std()) / 4, 1e-9 * (1 + float(np.abs(utility[usable]).max()))
    )
    base = reference_utility if np.isfinite(reference_utility) else float(utility[usable].min())
    sure = usable & (judgement.probability >= SURE)
    base = max(base, judgement.to_beat, float(utility[sure].max(initial=base)))
    scaled = (utility[usable] - base) / spread
    gain = np.where(scaled < -30, scaled, np.log(np.logaddexp(0.0, np.maximum(scaled, -30))))
    result[usable] = CAUTION * np.log(judgement.probability[usable]) + gain
    return result


def _by_quality(judgement: Judgement, allowed: NDArray[np.bool_]) -> Values:
    usable = allowed & np.isfinite(judgement.quality)
    if not usable.any():
        return np.zeros(len(allowed))
    quality = np.where(usable, judgement.quality, judgement.quality[usable].min())
    spread = quality.max() - quality.min()
    return np.asarray((quality - quality.min()) / spread) if spread > 0 else np.zeros(len(allowed))
