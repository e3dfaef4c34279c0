"""The best passing network against how many were trained, for any method and any world."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray
from search_methods import ATTEMPTS, Row, everything, spread

from gensynth.design.space import DesignSpace
from gensynth.evaluation import Job
from gensynth.generators.generator import Generator
from gensynth.generators.seeding import seed_of
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.performance.performance import PerformanceFunction
from gensynth.records import Candidate, Evaluation
from gensynth.synthesis import Synthesis

PER_CYCLE, PERCENTILE, RESAMPLES = 2, 80, 2000
SHOWN = (8, 16, 32)
OVER = slice(SHOWN[0] - 1, SHOWN[-1])
"""The part of a curve whose mean tells searches apart with fewer seeds than any one of its points:
when a curve crosses a line depends on the seeds that pass nothing for long."""
Curves = NDArray[np.float64]
Design = tuple[int, ...]
Train = Callable[[Candidate], tuple[Evaluation, Mapping[str, float]]]
"""Trains a candidate; returns what a search may know of it, and its held-out measurements: those
that count. Without any it has failed."""


@final
@dataclass(frozen=True, slots=True)
class Seen:
    """What training a design told.

    Args:
        design: one option index per choice.
        score: the performance function's value.
        short_by: how many percent points quality lies below what a search aims at; at most 0 if it
            seems to pass.
    """

    design: Design
    score: float
    short_by: float

    @property
    def rank(self) -> tuple[bool, float]:
        """What passes comes before what does not; then score, or who misses by less."""
        passes = self.short_by <= 0
        return passes, self.score if passes else -self.short_by


Try = Callable[[Design], Seen]
Search = Callable[[DesignSpace, Iterator[Design], Try, int, np.random.Generator], None]
"""A space, designs of its first theta_G, what trains a design, how many to train, and an rng."""


@final
class Floor(NamedTuple):
    """What a network has to reach.

    Args:
        held_out: accuracy, percent, held out, from which it counts.
        aim: accuracy, percent, that searches are told to reach by what they see.
    """

    held_out: float
    aim: float


@final
class Trainings:
    """Trains designs for one search and keeps what the curve is made of.

    Args:
        space: the designs.
        performance: the score.
        train: trains one candidate, every time for as long.
        prototype: what a search knows of it.
        floor: what networks have to reach.
        best: the prototype's score, held out.
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
        floor: Floor,
        best: float,
        seed: int,
    ) -> None:
        self.space, self.prototype, self.seed = space, prototype, seed
        self.curve: list[float] = []
        self._performance, self._train = performance, train
        self._floor, self._best = floor, best

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
            return Seen(design, 0.0, self._floor.aim)
        accuracy = self._told(found.measurements)
        score = self._performance.score({**found.measurements, "accuracy": accuracy})
        return Seen(design, float(score), self._floor.aim - accuracy)

    def margin(self, found: Mapping[str, float], held_out: Mapping[str, float]) -> float:
        """Count a training of any network; return by how many points it seems to pass."""
        self._count(held_out)
        return self._told(found) - self._floor.aim

    def wait(self) -> None:
        """Count what cost as much as a training but was none."""
        self._count({})

    def _told(self, found: Mapping[str, float]) -> float:
        """Return an accuracy as theta_I would take it: splits are not equally hard."""
        gap = found.get("accuracy_minus_prototype")
        own = self.prototype.measurements["accuracy"]
        return found["accuracy"] if gap is None else own + gap

    def _trained(self, candidate: Candidate) -> Evaluation:
        found, held_out = self._train(candidate)
        self._count(held_out)
        return replace(found, fidelity="long")  # the only one there is

    def _count(self, held_out: Mapping[str, float]) -> None:
        if held_out and held_out["accuracy"] >= self._floor.held_out:
            self._best = max(self._best, float(self._performance.score(held_out)))
        self.curve.append(self._best)


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
    left = budget - len(trainings.curve)  # it may have run out of new designs
    return trainings.curve + trainings.curve[-1:] * left


def first(generator: Generator, seed: int, count: int) -> Iterator[Design]:
    """Yield designs of a generator's first theta_G."""
    for number in range(count):
        yield tuple(generator.generate([seed_of(seed, 0, number)])[0].tolist())


def summary(curves: Mapping[str, Mapping[int, Sequence[float]]]) -> dict[str, Row]:
    """Return, per method, its score at and over numbers of trainings and how soon it has random's.

    Args:
        curves: method to seed to curve; none is longer than that of `random`, if that is there.
    """
    result: dict[str, Row] = {}
    at_random = curves.get("random", {})
    for method, found in curves.items():
        own = np.array(list(found.values()))
        numbers = sorted({n for n in SHOWN if n < own.shape[1]} | {own.shape[1]})
        shared = [seed for seed in found if seed in at_random]
        pair = [np.array([one[seed] for seed in shared]) for one in (found, at_random)]
        result[method] = {
            "n": len(found),
            "net_score": {str(n): spread(own[:, n - 1].tolist()) for n in numbers},
            "mean_over": spread(own[:, OVER].mean(1).tolist()),
            **(needed(*pair) if len(shared) >= LEAST_SEEDS else NOT_KNOWN),
        }
    return result


LEAST_SEEDS = 5
NOT_KNOWN: Row = {"trainings_to_random_64": None, "interval_95": None}


def needed(found: Curves, at_random: Curves) -> Row:
    """Return after how many trainings a method has what random ends with, of the same seeds."""
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(RESAMPLES):
        rows = rng.integers(len(found), size=len(found))
        drawn.append(reached(found[rows], at_random[rows]) or np.inf)
    low, high = np.percentile(drawn, [2.5, 97.5], method="nearest")
    return {
        "trainings_to_random_64": reached(found, at_random),
        "interval_95": [None if np.isinf(one) else int(one) for one in (low, high)],
    }


def reached(found: Curves, at_random: Curves) -> int | None:
    """Return the least number of trainings with the mean that random ends with."""
    there = np.nonzero(found.mean(0) >= at_random[:, -1].mean())[0]
    return int(there[0]) + 1 if len(there) else None


def rounded(curves: Mapping[str, Mapping[int, Sequence[float]]]) -> dict[str, Any]:
    """Return curves as a record holds them."""
    return {
        method: {str(seed): [round(value, 4) for value in curve] for seed, curve in found.items()}
        for method, found in curves.items()
    }
