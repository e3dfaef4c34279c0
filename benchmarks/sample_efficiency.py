"""How many trainings does a search need? Curves in the stand-in world of digits, one fidelity.

Every method trains the same number of designs, each once and short, and sees what was measured on
2,000 search images. A curve is the best NetScore among the designs trained so far whose accuracy on
infinitely many images reaches the floor; before there is one, the prototype's. The floor is the
80th percentile of the accuracies of 64 random designs of a world that no method searches.

- trainings_to_random_64: least number at which a method's mean curve reaches the mean that `random`
  has with 64 trainings; null: not within the budget. The interval is a bootstrap over seeds.
- Methods of the group `generator` (theta_I blind: the world has nothing to probe), `random`, and
  those of search_controls.py. One seed is one world, one stream of seeds, one draw of the noise.

    pip install -e '.[benchmarks]'
    python benchmarks/sample_efficiency.py --seeds 10
"""

import argparse
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from digits_world import GRAPH, DigitsWorld
from search_controls import SEARCHES, Design, Seen
from search_methods import (
    ATTEMPTS,
    Row,
    everything,
    generator_of,
    inquisitor_of,
    quiet,
    required,
    spread,
    write,
)

from gensynth.data.partition import Split
from gensynth.evaluation import SEARCH, Job
from gensynth.generators.seeding import seed_of
from gensynth.inquisitors.logit import to_percent
from gensynth.records import Candidate, Evaluation
from gensynth.synthesis import Synthesis

RESULT = Path(__file__).parent / "results" / "sample_efficiency.json"
BUDGET, PER_CYCLE, PERCENTILE, RESAMPLES = 64, 4, 80, 2000
IMAGES: Mapping[Split, int] = {"search": 2000}
FLOOR_SEED = 10**6
"""Of the world that the floor comes from."""
worlds: list[DigitsWorld] = []
"""The one of this process; its fit takes seconds."""


class Trainings:
    """Trains designs in one world, short, and keeps what the curve is made of.

    Args:
        world: what answers.
        floor: accuracy, percent.
        seed: of the world.
    """

    def __init__(self, world: DigitsWorld, floor: float, seed: int) -> None:
        self._world, self._floor, self._seed = world, floor, seed
        own = Candidate(-1, 0, 0, world.space.prototype_design, GRAPH.digest)
        self.prototype = self._read(own)
        self._best = self.prototype.measurements["net_score"]
        self.curve: list[float] = []

    def evaluate(self, jobs: Sequence[Job]) -> Iterator[Evaluation]:
        """Yield what the search images say of each job; here every training is as long as any."""
        for job in jobs:
            yield self._trained(job.candidate)

    def try_design(self, design: Design) -> Seen:
        """Train a design and return what a control may know."""
        number = len(self.curve)
        seed, digest = seed_of(self._seed, 0, number), self._world.space.digest(design)
        measured = self._trained(Candidate(0, number, seed, design, digest)).measurements
        return Seen(design, measured["net_score"], self._floor - measured["accuracy"])

    def _trained(self, candidate: Candidate) -> Evaluation:
        measured = self._read(candidate)
        design = np.array([candidate.design])
        true = float(to_percent(self._world.truth(design, self._seed, short=True))[0])
        if true >= self._floor:
            known = {**measured.measurements, "accuracy": true}
            self._best = max(self._best, float(self._world.performance.score(known)))
        self.curve.append(self._best)
        return measured

    def _read(self, candidate: Candidate) -> Evaluation:
        (found,) = self._world.evaluate([Job(candidate, "short", SEARCH)], self._seed)
        return replace(found, fidelity="long")  # the only one there is


def curve(world: DigitsWorld, method: str, floor: float, seed: int) -> list[float]:
    """Return the best passing NetScore after 1, 2, ... trainings of one search."""
    trainings = Trainings(world, floor, seed)
    if method in SEARCHES:
        rng = np.random.default_rng([seed, 5])
        SEARCHES[method](world.space, first(world, seed), trainings.try_design, BUDGET, rng)
        return trainings.curve
    inquisitor = inquisitor_of(method, world, required(floor, trainings.prototype))
    inquisitor.observe(trainings.prototype, ())
    Synthesis(
        space=world.space,
        generator=generator_of(method, world),
        inquisitor=inquisitor,
        evaluate=trainings.evaluate,
        allowed=everything,
        observer=lambda _report: None,
        seed=seed,
        candidates=PER_CYCLE,
        attempts=ATTEMPTS,
        promote=lambda _evaluations: [],
        promote_every=1,
    ).run(BUDGET // PER_CYCLE)
    left = BUDGET - len(trainings.curve)  # a method may run out of designs: it has found its best
    return trainings.curve + trainings.curve[-1:] * left


def first(world: DigitsWorld, seed: int) -> Iterator[Design]:
    """Yield designs of the generator's first theta_G."""
    generator = generator_of("random", world)
    for number in range(BUDGET):
        yield tuple(generator.generate([seed_of(seed, 0, number)])[0].tolist())


def floor_of(world: DigitsWorld) -> float:
    """Return the accuracy, percent, that a fifth of the random designs reach."""
    designs = np.array(list(first(world, FLOOR_SEED)))
    accuracies = to_percent(world.truth(designs, FLOOR_SEED, short=True))
    return float(np.percentile(accuracies, PERCENTILE))


def set_up() -> None:
    """Set up a process: its world, one thread, no words about what is meant to happen."""
    worlds.append(DigitsWorld(IMAGES))
    quiet()


def of_one_seed(task: tuple[list[str], float, int]) -> dict[str, list[float]]:
    """Return every method's curve in one world."""
    methods, floor, seed = task
    return {method: curve(worlds[0], method, floor, seed) for method in methods}


def summary(curves: dict[str, np.ndarray]) -> dict[str, Row]:
    """Return, per method, its score at some numbers of trainings and how soon it has random's."""
    result: dict[str, Row] = {}
    for method, found in curves.items():
        rng = np.random.default_rng(0)
        drawn = [
            reached(*(one[rng.integers(len(one), size=len(one))] for one in (found, at_random)))
            for at_random in [curves["random"]]
            for _ in range(RESAMPLES)
        ]
        low, high = np.percentile([one or np.inf for one in drawn], [2.5, 97.5], method="nearest")
        result[method] = {
            "n": len(found),
            "net_score": {str(n): spread(found[:, n - 1].tolist()) for n in (8, 16, 32, BUDGET)},
            "trainings_to_random_64": reached(found, curves["random"]),
            "interval_95": [None if np.isinf(one) else int(one) for one in (low, high)],
        }
    return result


def reached(found: np.ndarray, at_random: np.ndarray) -> int | None:
    """Return the least number of trainings with the mean that random ends with."""
    there = np.nonzero(found.mean(0) >= at_random[:, -1].mean())[0]
    return int(there[0]) + 1 if len(there) else None


def main() -> None:
    """Search, print and write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    methods = ["random", "uniform", "evolution", "tpe", "factorised", "hierarchical"]
    parser.add_argument("--methods", nargs="+", default=methods, help="random is always there")
    parser.add_argument("--seeds", type=int, default=16, help="2 or more")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    methods = list(dict.fromkeys(["random", *options.methods]))
    set_up()
    floor = floor_of(worlds[0])
    tasks = [(methods, floor, seed) for seed in range(options.seeds)]
    with get_context("spawn").Pool(options.workers, initializer=set_up) as workers:
        found = []
        for one in workers.imap(of_one_seed, tasks):
            found.append(one)
            print(f"seed {len(found)} of {options.seeds}", flush=True)
    curves = {method: np.array([one[method] for one in found]) for method in methods}
    result = {
        "claim": "trainings needed in a world fitted to recorded trainings on digits",
        "floor_percent": floor,
        "summary": summary(curves),
        "settings": {"budget": BUDGET, "per_cycle": PER_CYCLE, "percentile": PERCENTILE},
        "cores": os.cpu_count(),
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            **{name: version(name) for name in ("scikit-learn", "optuna")},
        },
        "curves": {method: np.round(one, 4).tolist() for method, one in curves.items()},
    }
    write(result, options.output)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
