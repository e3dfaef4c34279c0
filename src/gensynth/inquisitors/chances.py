"""The probability that a design's network exists and meets every requirement."""

from collections.abc import Mapping
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray

from gensynth.inquisitors.features import Batch, DesignFeatures
from gensynth.inquisitors.logit import percent_moments, probability_at_least
from gensynth.inquisitors.neighbours import NeighbourCount
from gensynth.performance.performance import PerformanceFunction
from gensynth.records import MINUS_PROTOTYPE, Evaluation
from gensynth.requirements import EXACT, ResolvedBound, ResolvedRequirements

Values = NDArray[np.float64]
Design = tuple[int, ...]

SURVIVAL_BEFORE = (1.9, 0.1)
BOUND_BEFORE = (1.5, 0.5)
"""(held, not held) counts believed before any observation, see `NeighbourCount`."""


@final
class Chances:
    """Learns which designs fail, and turns predictions of quality into probabilities.

    Bounds on exact costs are 0 or 1, on quality or performance a normal tail, on any other
    measurement (a latency, say) the share of neighbouring designs that met it; what was estimated
    from images after a short training says nothing of the long one. Their product is
    multiplied by the share of neighbouring designs that did not fail.

    Args:
        features: where designs lie.
        requirements: resolved against the prototype.
        slack: measurement to the distance, in its unit, that is kept from its bounds, without
            regard to what a comparison image by image saves.
        quality: name of the predicted measurement, in percent.
        performance: U; it may be required as well.
    """

    def __init__(
        self,
        features: DesignFeatures,
        requirements: ResolvedRequirements,
        slack: Mapping[str, float],
        quality: str,
        performance: PerformanceFunction,
    ) -> None:
        self._features = features
        self._quality = quality
        self._performance = performance
        self._bounds = requirements.bounds
        self._slack = slack
        self._coordinates: dict[Design, Values] = {}
        self._survived: dict[Design, bool] = {}
        self._measured: dict[str, dict[Design, float]] = {}
        self._savings: dict[str, list[float]] = {}

    def observe(self, evaluation: Evaluation) -> None:
        """Take note of a failure, or of what was measured; the latest of a design counts."""
        design = evaluation.candidate.design
        batch = self._features.batch(np.array([design], dtype=np.int64))
        self._coordinates[design] = batch.coordinates[0]
        self._survived[design] = evaluation.status == "completed"
        for name, value in evaluation.measurements.items():
            if evaluation.fidelity == "short" and name in evaluation.standard_errors:
                continue
            self._measured.setdefault(name, {})[design] = value
        if evaluation.fidelity == "long":
            self._note_savings(evaluation.standard_errors)

    def probability(self, batch: Batch, mean: Values, deviation: Values) -> Values:
        """Return (n,) probabilities, given quality's means and standard deviations in logits."""
        chance = self._among_neighbours(batch, self._survived, SURVIVAL_BEFORE)
        for bound in self._bounds:
            chance = chance * self._holds(bound, batch, mean, deviation)
        return chance

    def _holds(self, bound: ResolvedBound, batch: Batch, mean: Values, deviation: Values) -> Values:
        if bound.name in EXACT:
            costs = getattr(batch.costs, bound.name).astype(np.float64)
            return (self._margin(bound, costs) >= 0).astype(np.float64)
        if bound.name == self._quality:
            limit = bound.limit + _sign(bound) * self._kept(bound)
            above = probability_at_least(limit, mean, deviation)
            return above if bound.side == "at_least" else 1 - above
        if bound.name == self._performance.name:
            return self._performance_holds(bound, batch, mean, deviation)
        measured = self._measured.get(bound.name, {})
        held = {d: bool(self._margin(bound, np.array(v)) >= 0) for d, v in measured.items()}
        return self._among_neighbours(batch, held, BOUND_BEFORE)

    def _performance_holds(
        self, bound: ResolvedBound, batch: Batch, mean: Values, deviation: Values
    ) -> Values:
        quality, spread = percent_moments(mean, deviation)
        costs = {name: getattr(batch.costs, name).astype(np.float64) for name in EXACT}
        low, middle, high = (
            np.asarray(self._performance.score({self._quality: q, **costs}))
            for q in (quality - spread, quality, quality + spread)
        )
        z = self._margin(bound, middle) / np.maximum((high - low) / 2, 1e-9)
        return np.asarray(torch.special.ndtr(torch.from_numpy(z)).numpy())

    def _among_neighbours(
        self, batch: Batch, held: Mapping[Design, bool], before: tuple[float, float]
    ) -> Values:
        where = [self._coordinates[design] for design in held]
        seen = np.array(where).reshape(len(where), batch.coordinates.shape[1])
        count = NeighbourCount(seen, np.array(list(held.values()), np.bool_), before)
        return count.probability(batch.coordinates)

    def _margin(self, bound: ResolvedBound, values: Values) -> Values:
        distance = (values - bound.limit) * _sign(bound)
        return np.asarray(distance - self._kept(bound))

    def _kept(self, bound: ResolvedBound) -> float:
        """Return the distance from a bound; images in common shrink one relative to the prototype.

        By how much shows when networks are trained long; until then by nothing.
        """
        saved = self._savings.get(bound.name, []) if bound.relative else []
        return self._slack.get(bound.name, 0.0) * float(np.mean(saved or [1.0]))

    def _note_savings(self, errors: Mapping[str, float]) -> None:
        for bound in self._bounds:
            own, paired = errors.get(bound.name), errors.get(bound.name + MINUS_PROTOTYPE)
            if own and paired is not None:
                self._savings.setdefault(bound.name, []).append(paired / own)


def _sign(bound: ResolvedBound) -> float:
    return 1.0 if bound.side == "at_least" else -1.0
