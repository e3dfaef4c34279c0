"""Bayesian linear regression with a Gaussian-process residual, exact, for a few hundred networks.

    quality(design, fidelity) = columns x effects + residual(design) + training noise(fidelity)

All on the logit scale; effects, residual and noise are Gaussian, so everything has a closed form
(Rasmussen and Williams 2006, chapters 2 and 5). The two fidelities share the residual; what a short
training shows beyond that is noise of its own.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import final

import numpy as np
from numpy.typing import NDArray

from gensynth.inquisitors.columns import Column, Rows, prior_means, scaled_by_kind

Values = NDArray[np.float64]

STEPS = (0.5, 2**-0.5, 2**0.5, 2.0)
SWEEPS = 3
JITTER = 1e-9
SUSPECT = 1.0
"""Standard deviations below what the other networks predict, beyond which a training may have
collapsed."""
COLLAPSED = 3.0
"""Standard deviation, in logits, of how far a collapsed training is from the others' prediction."""
COLLAPSE_CHANCE = 0.001
"""That any one training collapses."""


@final
@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """Sizes that the observations choose, around what is plausible before any.

    Args:
        noise: standard deviation between two trainings of the same design, logits.
        short_noise: further standard deviation of short trainings, added in variance, logits.
        scale: by how much larger than foreseen all effects and the residual are. Some tasks are
            steep, others are not: what costs do tells what to expect of choices.
        residual: standard deviation of what the columns do not explain, logits; it, `choice` and
            `insight` are sizes at scale 1.
        length: distance over which that residual changes; two random designs are 1 apart.
        choice: standard deviation over random designs of the effects of single choices, logits.
        insight: the same for the effects of what probing revealed.
    """

    noise: float
    short_noise: float
    scale: float
    residual: float
    length: float
    choice: float
    insight: float


SPREAD = Hyperparameters(
    noise=0.5, short_noise=0.7, scale=0.7, residual=0.7, length=0.5, choice=0.7, insight=0.7
)
"""Standard deviations of the log-normal priors around the plausible values."""


@final
@dataclass(frozen=True)
class Regression:
    """A fitted model.

    Args:
        columns: the linear effects.
        observed: the networks it was fitted to.
        hyperparameters: as chosen by the observations.
        root: (n, n) lower Cholesky factor of the observations' covariance.
        weights: (n,) that covariance's inverse times the observations' deviation from the prior.
    """

    columns: tuple[Column, ...]
    observed: Rows
    hyperparameters: Hyperparameters
    root: Values
    weights: Values

    def predict(self, rows: Rows) -> tuple[Values, Values]:
        """Return (n,) means and standard deviations in logits of newly trained networks."""
        across = self._across(rows)
        means = prior_means(self.columns, self.hyperparameters.scale)
        mean = rows.values @ means + across @ self.weights
        explained = np.linalg.solve(self.root, across.T) if len(self.weights) else across.T
        variance = self._prior_variance(rows) - (explained**2).sum(0)
        noise = noise_variance(rows.short, self.hyperparameters)
        return mean, np.sqrt(np.maximum(variance, 0) + noise)

    def effects(self) -> Values:
        """Return the (columns,) posterior means of the linear effects, logits per unit."""
        deviations = prior_deviations(self.columns, self.hyperparameters)
        learned = self.observed.values.T @ self.weights
        means = prior_means(self.columns, self.hyperparameters.scale)
        return np.asarray(means + deviations**2 * learned)

    def _across(self, rows: Rows) -> Values:
        deviations = prior_deviations(self.columns, self.hyperparameters)
        linear = (rows.values * deviations**2) @ self.observed.values.T
        distances = pairwise(rows.coordinates, self.observed.coordinates)
        return np.asarray(linear + residual_covariance(distances, self.hyperparameters))

    def _prior_variance(self, rows: Rows) -> Values:
        h = self.hyperparameters
        deviations = prior_deviations(self.columns, h)
        return np.asarray(((rows.values * deviations) ** 2).sum(1) + (h.scale * h.residual) ** 2)


def fit(
    columns: Sequence[Column],
    observed: Rows,
    logits: Values,
    errors: Values,
    plausible: Hyperparameters,
) -> Regression:
    """Fit effects, residual and hyperparameters (marginal likelihood, coordinate steps).

    A training that is below what the others predict may have collapsed, and then says next to
    nothing. That is believed where it explains the observations better, by more than how rare it
    is, than the best hyperparameters found that believe the reading. Readings are tried one after
    the other, the most surprising first, until one stays believed: n rounds at most.

    Args:
        columns: the linear effects with their priors.
        observed: n networks; n may be 0, which leaves the priors.
        logits: (n,) their measured quality.
        errors: (n,) standard errors of the measurements, logits.
        plausible: medians of the hyperparameters' priors; where the search starts.
    """
    deviation = _deviation(columns, observed, logits)
    covariance = _covariance(columns, observed, errors)
    best, score = _most_probable(plausible, covariance, deviation)
    believed = np.ones(len(logits), dtype=np.bool_)
    while believed.any():
        surprise = np.where(believed, _below(covariance(best), deviation(best)), -np.inf)
        suspect = int(surprise.argmax())
        if surprise[suspect] <= SUSPECT:
            break
        believed[suspect] = False
        doubting = _covariance(columns, observed, np.where(believed, errors, COLLAPSED))
        trial, trial_score = _most_probable(plausible, doubting, deviation)
        if trial_score + math.log(COLLAPSE_CHANCE) <= score:
            break
        covariance, best, score = doubting, trial, trial_score
    root = np.asarray(np.linalg.cholesky(covariance(best)), dtype=np.float64)
    weights = np.asarray(np.linalg.solve(root.T, np.linalg.solve(root, deviation(best))))
    return Regression(tuple(columns), observed, best, root, weights)


def prior_deviations(columns: Sequence[Column], hyperparameters: Hyperparameters) -> Values:
    """Return the (columns,) prior standard deviations of the effects, logits per unit."""
    h = hyperparameters
    choice, insight = h.scale * h.choice, h.scale * h.insight
    sizes = {"known": 1.0, "cost": h.scale, "choice": choice, "insight": insight}
    return np.array([column.deviation * sizes[column.kind] for column in columns])


def pairwise(left: Values, right: Values) -> Values:
    """Return (n, m) Euclidean distances between the rows of (n, d) and (m, d)."""
    squared = (left**2).sum(1)[:, None] + (right**2).sum(1)[None] - 2 * left @ right.T
    return np.asarray(np.sqrt(np.maximum(squared, 0)))


def noise_variance(short: NDArray[np.bool_], hyperparameters: Hyperparameters) -> Values:
    """Return the (n,) variances of what every training has to itself, by fidelity."""
    h = hyperparameters
    return np.asarray(h.noise**2 + np.where(short, h.short_noise**2, 0.0))


def residual_covariance(distances: Values, hyperparameters: Hyperparameters) -> Values:
    """Return the residual's covariance: exponential in the distance between designs."""
    decay = np.exp(-distances / hyperparameters.length)
    return np.asarray((hyperparameters.scale * hyperparameters.residual) ** 2 * decay)


def _covariance(
    columns: Sequence[Column], observed: Rows, errors: Values
) -> Callable[[Hyperparameters], Values]:
    scaled = scaled_by_kind(columns, observed.values)
    known, cost, choice, insight = (part @ part.T for part in scaled.values())
    distances = pairwise(observed.coordinates, observed.coordinates)
    np.fill_diagonal(distances, 0.0)

    def covariance(h: Hyperparameters) -> Values:
        linear = known + h.scale**2 * (cost + h.choice**2 * choice + h.insight**2 * insight)
        noise = np.diag(errors**2 + noise_variance(observed.short, h) + JITTER)
        return np.asarray(linear + residual_covariance(distances, h) + noise)

    return covariance


def _deviation(
    columns: Sequence[Column], observed: Rows, logits: Values
) -> Callable[[Hyperparameters], Values]:
    """Return what gives the observations' distance from their prior means."""
    known = observed.values @ prior_means(columns, 0.0)
    steep = observed.values @ prior_means(columns) - known

    def deviation(h: Hyperparameters) -> Values:
        return np.asarray(logits - known - h.scale * steep)

    return deviation


def _below(covariance: Values, deviation: Values) -> Values:
    """Return how far each observation is below what the others predict, standard deviations."""
    precision = np.linalg.inv(covariance)  # leave-one-out, in closed form
    return np.asarray(-(precision @ deviation) / np.sqrt(np.diag(precision)))


def _most_probable(
    plausible: Hyperparameters,
    covariance: Callable[[Hyperparameters], Values],
    deviation: Callable[[Hyperparameters], Values],
) -> tuple[Hyperparameters, float]:
    """Return hyperparameters and the logarithm of their posterior, but for a constant."""
    best, score = plausible, _log_posterior(plausible, plausible, covariance, deviation)
    for _ in range(SWEEPS if len(deviation(best)) > 1 else 0):
        before = best
        for name in asdict(plausible):
            for step in STEPS:
                trial = replace(best, **{name: getattr(best, name) * step})
                trial_score = _log_posterior(trial, plausible, covariance, deviation)
                if trial_score > score:
                    best, score = trial, trial_score
        if best == before:
            break
    return best, score


def _log_posterior(
    trial: Hyperparameters,
    plausible: Hyperparameters,
    covariance: Callable[[Hyperparameters], Values],
    deviation: Callable[[Hyperparameters], Values],
) -> float:
    root = np.linalg.cholesky(covariance(trial))
    whitened = np.linalg.solve(root, deviation(trial))
    likelihood = -0.5 * float(whitened @ whitened) - float(np.log(np.diag(root)).sum())
    prior: float = -0.5 * sum(
        (math.log(getattr(trial, name) / median) / getattr(SPREAD, name)) ** 2
        for name, median in asdict(plausible).items()
    )
    return likelihood + prior
