"""The learning inquisitor: a probabilistic predictor of quality, with or without probing."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, final

import numpy as np

from gensynth.design.space import DesignSpace
from gensynth.generators.generator import Designs, Generator, Judgement, ParameterChange
from gensynth.inquisitors.chances import Chances
from gensynth.inquisitors.features import DesignFeatures
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.inquisitors.logit import (
    Z95,
    error_in_logits,
    percent_moments,
    to_logits,
    to_percent,
)
from gensynth.inquisitors.losses import Losses, LossReader
from gensynth.inquisitors.predictor import Predictor, Reading, read_losses
from gensynth.inquisitors.prior import Prior
from gensynth.inquisitors.probe import Probe
from gensynth.performance.performance import PerformanceFunction
from gensynth.records import (
    MINUS_PROTOTYPE,
    Evaluation,
    Fidelity,
    Foretold,
    Insight,
    Response,
)
from gensynth.requirements import ResolvedRequirements

CAREFUL = 4.0
"""Power of the probabilities where nearly every seed is to meet the requirements."""


@final
class LearningInquisitor(Inquisitor):
    """Learns quality from every evaluation and from what probing revealed; `blind` has no probes.

    Every judgement is about the long fidelity. Quality is predicted, parameters and MACs are exact,
    performance follows from the three. A failure lowers the probability of designs like it.

    Args:
        space: the designs.
        requirements: resolved against the prototype.
        performance: U.
        slack: measurement to the distance, in its unit, that is kept from its bounds.
        probes: run on every trained network, by name; none makes it blind.
        quality: name of the measurement to predict, in percent.
        prior: what is believed before anything is observed.
    """

    def __init__(
        self,
        space: DesignSpace,
        requirements: ResolvedRequirements,
        performance: PerformanceFunction,
        slack: Mapping[str, float] | None = None,
        *,
        probes: Mapping[str, Probe],
        quality: str,
        prior: Prior,
    ) -> None:
        self._space = space
        self._ahead = prior.prototype_ahead()
        self._performance = performance
        self._probes = dict(probes)
        self._quality = quality
        self._features = DesignFeatures(space, prior)
        self._reader = LossReader(space)
        self._chances = Chances(self._features, requirements, slack or {}, quality, performance)
        self._keys: list[str] = []
        self._readings: dict[tuple[str, int, Fidelity], Reading] = {}
        self._foretold: list[Foretold] = []
        self._untold: list[tuple[Evaluation, Reading, tuple[Reading, ...]]] = []
        self._reference: float | None = None
        self._fitted: tuple[Predictor, Losses] | None = None

    @property
    def probes(self) -> Mapping[str, Probe]:
        """The probes to run on every trained network, by name."""
        return self._probes

    def observe(self, evaluation: Evaluation, responses: Sequence[Response]) -> None:
        """Learn from one evaluation; one whose key was seen before tells nothing new.

        Of a network that is read again, on another split, the last reading counts.
        """
        if evaluation.key in self._keys:
            return
        self._keys.append(evaluation.key)
        self._chances.observe(evaluation)
        if evaluation.status == "completed":
            candidate = evaluation.candidate
            network = (candidate.digest, candidate.seed, evaluation.fidelity)
            before = self._readings.get(network)
            told = tuple(responses) if self._probes else ()
            if before is not None and not told:
                told = tuple(before.responses)
            reading = self._read(evaluation, told)
            if before is None and self._readings:
                self._untold.append((evaluation, reading, tuple(self._readings.values())))
            self._readings[network] = reading
            self._fitted = None

    def judge(self, designs: Designs) -> Judgement:
        """Expect quality, performance and the probability that the requirements hold, long."""
        batch = self._features.batch(designs)
        mean, deviation = self._predictor.predict(batch)
        quality, quality_deviation = percent_moments(mean, deviation)
        costs = {
            "parameters": batch.costs.parameters.astype(np.float64),
            "macs": batch.costs.macs.astype(np.float64),
        }
        utility = self._performance.score({self._quality: quality, **costs})
        return Judgement(
            quality=quality,
            deviation=quality_deviation,
            utility=np.asarray(utility, dtype=np.float64),
            probability=self._chances.probability(batch, mean, deviation),
        )

    def propose(
        self,
        generator: Generator,
        rng: np.random.Generator,
        *,
        settle: bool = False,
    ) -> ParameterChange | None:
        """Return delta theta_G: towards what beats the best in hand, or to settle, what is sure."""
        to_beat = -math.inf if settle else self._in_hand()

        def searching(designs: Designs) -> Judgement:
            return replace(self.judge(designs), to_beat=to_beat)

        def settling(designs: Designs) -> Judgement:
            judged = self.judge(designs)
            return replace(judged, probability=judged.probability**CAREFUL)

        return generator.improve(settling if settle else searching, rng, varied=settle)

    def _in_hand(self) -> float:
        """Return the best performance expected of a trained design that rather passes than not."""
        designs = {r.design for r in self._readings.values()} - {self._space.prototype_design}
        if not designs:
            return -math.inf
        judged = self.judge(np.array(sorted(designs), dtype=np.int64))
        passing = judged.utility[judged.probability >= 0.5]
        return float(passing.max(initial=-math.inf))

    def insights(self) -> tuple[Insight, ...]:
        """Return, per choice, the predicted effect of each option, and what probing revealed.

        `predicted_quality_change_points`: percent points at the long fidelity when only this choice
        leaves the prototype's option. `..._lost_<unit>`: losses read off responses. Weights are
        percent points between the option that the prediction takes for best and for worst.
        """
        return (*self._predicted_changes(), *self._revealed_losses())

    def state_dict(self) -> dict[str, Any]:
        """Return the keys of what was observed, hyperparameters and effects, as plain data.

        `foretold` holds, for every network but the first, what those before it let expect of it.
        """
        self._foretold += [self._foretell(*one) for one in self._untold]
        self._untold.clear()
        return {
            "kind": "learning",
            "probes": sorted(self._probes),
            "quality": self._quality,
            "observations": list(self._keys),
            "foretold": [asdict(one) for one in self._foretold],
            **self._predictor.state_dict(),
        }

    @property
    def _predictor(self) -> Predictor:
        return self._fit()[0]

    def _fit(self) -> tuple[Predictor, Losses]:
        if self._fitted is None:
            self._fitted = self._predicting(tuple(self._readings.values()))
        return self._fitted

    def _predicting(self, readings: Sequence[Reading]) -> tuple[Predictor, Losses]:
        losses = read_losses(self._reader, readings)
        return Predictor(self._space, self._features, readings, losses), losses

    def _read(self, evaluation: Evaluation, responses: tuple[Response, ...]) -> Reading:
        percent, error = self._on_confirm(evaluation)
        ahead, unsure = self._ahead if self._is_prototype(evaluation) else (0.0, 0.0)
        measured = 0.0 if error is None else error_in_logits(percent, error)
        return Reading(
            design=evaluation.candidate.design,
            short=evaluation.fidelity == "short",
            logits=float(to_logits(percent)) - ahead,
            error=math.hypot(measured, unsure),
            responses=responses,
        )

    def _foretell(
        self, evaluation: Evaluation, reading: Reading, before: Sequence[Reading]
    ) -> Foretold:
        predictor = self._predicting(before)[0]
        batch = self._features.batch(np.array([reading.design], dtype=np.int64))
        mean, deviation = predictor.predict(batch, short=reading.short)
        expected, error = float(to_percent(mean)[0]), self._on_confirm(evaluation)[1] or 0.0
        # The reading's own error where it was expected: what came must not widen its interval.
        within = Z95 * np.hypot(deviation, error_in_logits(expected, error))
        logits = np.concatenate([mean, mean - within, mean + within, [reading.logits]])
        return Foretold(evaluation.key, evaluation.fidelity, *to_percent(logits).tolist())

    def _on_confirm(self, evaluation: Evaluation) -> tuple[float, float | None]:
        """Return quality and its standard error, as far as one split can tell of another.

        Splits are not equally hard: what was read beside the prototype counts as the difference to
        it, added to what the prototype, which is observed first, has on the confirm split.
        """
        gap = f"{self._quality}{MINUS_PROTOTYPE}"
        if gap in evaluation.measurements and self._reference is not None:
            percent = self._reference + evaluation.measurements[gap]
            return percent, evaluation.standard_errors.get(gap)
        percent = evaluation.measurements[self._quality]
        if self._is_prototype(evaluation):
            self._reference = percent
        return percent, evaluation.standard_errors.get(self._quality)

    def _is_prototype(self, evaluation: Evaluation) -> bool:
        """Tell the prototype, which is observed first, from a candidate that has its design."""
        own = evaluation.candidate.design == self._space.prototype_design
        return own and not self._readings

    def _predicted_changes(self) -> list[Insight]:
        own = self._space.prototype_design
        rows = [
            (*own[:i], option, *own[i + 1 :])
            for i, choice in enumerate(self._space.choices)
            for option in range(len(choice.options))
        ]
        designs = np.array([*rows, own], dtype=np.int64).reshape(len(rows) + 1, len(own))
        batch = self._features.batch(self._space.repair(designs))
        logits, _ = self._predictor.predict(batch)
        percent = to_percent(logits)
        changes = (percent[:-1] - percent[-1]).tolist()
        result = []
        for choice in self._space.choices:
            values = tuple(changes[: len(choice.options)])
            changes = changes[len(choice.options) :]
            weight = max(values) - min(values)
            result.append(Insight(choice.name, "predicted_quality_change_points", values, weight))
        return result

    def _revealed_losses(self) -> list[Insight]:
        predictor, losses = self._fit()
        own = np.array([self._space.prototype_design], dtype=np.int64)
        share = to_percent(predictor.predict(self._features.batch(own))[0])[0] / 100
        points_per_logit = 100 * share * (1 - share)
        return [
            Insight(
                choice=choice,
                quantity=lost_name(quantity),
                values=tuple(losses[quantity][choice].tolist()),
                weight=float(abs(per_unit) * np.ptp(losses[quantity][choice]) * points_per_logit),
            )
            for (quantity, choice), per_unit in predictor.leaning().items()
        ]


def lost_name(quantity: str) -> str:
    """Name the loss of a quantity whose last word is its unit.

    >>> lost_name("usable_class_information_bits")
    'usable_class_information_lost_bits'
    """
    stem, _, unit = quantity.rpartition("_")
    return f"{stem}_lost_{unit}" if stem else f"{quantity}_lost"
