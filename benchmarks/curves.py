"""The best passing network against how many were trained, for any method and any world."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from search_controls import Design, Search, Seen
from search_methods import ATTEMPTS, Row, everything, spread

from gensynth.design.space import DesignSpace
from gensynth.evaluation import Job
from gensynth.generators.generator import Generator
from gensynth.generators.seeding import seed_of
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.performance.performance import PerformanceFunction
from gensynth.records import Candidate, Evaluation
from gensynth.synthesis import Synthesis

PER_CYCLE, PERCENTILE, RESAMPLES = 4, 80, 2000
SHOWN = (8, 16, 32)
Curves = NDArray[np.float64]
Train = Callable[[Candidate], tuple[Evaluation, Mapping[str, float]]]
"""Trains a candidate; says what a search may know of it, and what counts. Nothing, if it failed."""


@final
class Trainings:
    """Trains designs for one search and keeps what the curve is made of.

    Args:
        space: the designs.
        performance: the score.
        train: trains one candidate, every time for as long.
        prototype: as it is known before the search.
        floor: accuracy, percent.
        seed: of the search.

    Attributes:
        curve: the best score so far of a network that passes, after every training; before there
            is one, the prototype's.
    """

    def __init__(
        self,
        space: DesignSpace,
        performance: PerformanceFunction,
        train: Train,
        prototype: Evaluation,
        floor: float,
        seed: int,
    ) -> None:
        self.space, self.prototype, self.floor, self.seed = space, prototype, floor, seed
        self.curve: list[float] = []
        self._performance, self._train = performance, train
        self._best = prototype.measurements[performance.name]

    def evaluate(self, jobs: Sequence[Job]) -> Iterator[Evaluation]:
        """Yield what the search images say of each job; here every training is as long as any."""
        for job in jobs:
            yield self._trained(job.candidate)

    def try_design(self, design: Design) -> Seen:
        """Train a design and return what a control may know."""
        number = len(self.curve)
        seed, digest = seed_of(self.seed, 0, number), self.space.digest(design)
        found = self._trained(Candidate(0, number, seed, design, digest))
        if found.status == "failed":
            return Seen(design, 0.0, self.floor)
        measured = found.measurements
        return Seen(design, measured[self._performance.name], self.floor - measured["accuracy"])

    def _trained(self, candidate: Candidate) -> Evaluation:
        found, counts = self._train(candidate)
        if counts and counts["accuracy"] >= self.floor:
            self._best = max(self._best, float(self._performance.score(counts)))
        self.curve.append(self._best)
        return replace(found, fidelity="long")  # the only one there is


def by_control(search: Search, trainings: Trainings, start: Generator, budget: int) -> list[float]:
    """Return the curve of a control that starts from designs of a generator."""
    rng = np.random.default_rng([trainings.seed, 5])
    drawn = first(start, trainings.seed, budget)
    search(trainings.space, drawn, trainings.try_design, budget, rng)
    return trainings.curve


def by_synthesis(
    generator: Generator, inquisitor: Inquisitor, trainings: Trainings, budget: int
) -> list[float]:
    """Return the curve of the method."""
    inquisitor.observe(trainings.prototype, trainings.prototype.responses)
    Synthesis(
        space=trainings.space,
        generator=generator,
        inquisitor=inquisitor,
        evaluate=trainings.evaluate,
        allowed=everything,
        observer=lambda _report: None,
        seed=trainings.seed,
        candidates=PER_CYCLE,
        attempts=ATTEMPTS,
        promote=lambda _evaluations: [],
        promote_every=1,
    ).run(budget // PER_CYCLE)
    left = budget - len(trainings.curve)  # a method may run out of designs: it has found its best
    return trainings.curve + trainings.curve[-1:] * left


def first(generator: Generator, seed: int, count: int) -> Iterator[Design]:
    """Yield designs of a generator's first theta_G."""
    for number in range(count):
        yield tuple(generator.generate([seed_of(seed, 0, number)])[0].tolist())


def summary(curves: Mapping[str, Curves]) -> dict[str, Row]:
    """Return, per method, its score at some numbers of trainings and how soon it has random's.

    Args:
        curves: method to (seeds, trainings) curves; `random` is one, and none is longer.
    """
    result: dict[str, Row] = {}
    at_random = curves["random"]
    for method, found in curves.items():
        rng = np.random.default_rng(0)
        drawn = [
            reached(*(one[rng.integers(len(one), size=len(one))] for one in (found, at_random)))
            for _ in range(RESAMPLES)
        ]
        low, high = np.percentile([one or np.inf for one in drawn], [2.5, 97.5], method="nearest")
        budget = found.shape[1]
        shown = sorted({n for n in SHOWN if n < budget} | {budget})
        result[method] = {
            "n": len(found),
            "net_score": {str(n): spread(found[:, n - 1].tolist()) for n in shown},
            "trainings_to_random_64": reached(found, at_random),
            "interval_95": [None if np.isinf(one) else int(one) for one in (low, high)],
        }
    return result


def reached(found: Curves, at_random: Curves) -> int | None:
    """Return the least number of trainings with the mean that random ends with."""
    there = np.nonzero(found.mean(0) >= at_random[:, -1].mean())[0]
    return int(there[0]) + 1 if len(there) else None


def rounded(curves: Mapping[str, Any]) -> dict[str, Any]:
    """Return curves as a record holds them."""
    return {method: np.round(one, 4).tolist() for method, one in curves.items()}
