"""How many trainings does a search need? Curves in a stand-in world, one fidelity.

Every method trains the same number of designs, each once and short, and sees what was measured on
2,000 search images. A curve is the best NetScore among the networks trained so far whose accuracy,
as the world has it (on digits without any error of counting), reaches the floor; before there is
one, the prototype's. The floor is the 80th percentile of the accuracies of 64 random networks of a
world that no method searches.

- trainings_to_random_64: least number at which a method's mean curve reaches the mean that `random`
  has with 64 trainings; null: not within the budget. The interval is a bootstrap over seeds.
- Methods of the group `generator` (theta_I blind: the world has nothing to probe), `random`, and
  those of search_controls.py. One seed is one world, one stream of seeds, one draw of the noise.

    pip install -e '.[benchmarks]'
    python benchmarks/sample_efficiency.py --seeds 10
    python benchmarks/sample_efficiency.py --seeds 10 --world cifar10
"""

import argparse
import os
from collections.abc import Mapping
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from cifar_world import CifarWorld
from curves import (
    PER_CYCLE,
    PERCENTILE,
    Floor,
    Trainings,
    by_control,
    by_synthesis,
    first,
    rounded,
    summary,
)
from digits_world import DigitsWorld
from search_controls import SEARCHES
from search_methods import (
    World,
    generator_of,
    inquisitor_of,
    quiet,
    required,
    versions,
    write,
)

from gensynth.data.partition import Split
from gensynth.evaluation import SEARCH, Job
from gensynth.inquisitors.logit import to_percent
from gensynth.records import Candidate, Evaluation

RESULTS = Path(__file__).parent / "results"
CLAIMS = {
    "digits": "trainings needed in a world fitted to recorded trainings on digits",
    "cifar10": "trainings needed in a world fitted to recorded trainings on CIFAR-10",
}
BUDGET = 64
IMAGES: Mapping[Split, int] = {"search": 2000}
FLOOR_SEED = 10**6
"""Of the world that the floor comes from."""
worlds: list[World] = []
"""The one of this process; its fit takes seconds."""


def curve(world: World, method: str, floor: float, seed: int) -> list[float]:
    """Return the best passing NetScore after 1, 2, ... trainings of one search."""

    def read(candidate: Candidate) -> Evaluation:
        (found,) = world.evaluate([Job(candidate, "short", SEARCH)], seed)
        return found

    def train(candidate: Candidate) -> tuple[Evaluation, Mapping[str, float]]:
        found = read(candidate)
        true = float(to_percent(world.network(candidate, seed, short=True)))
        return found, {**found.measurements, "accuracy": true}

    own = Candidate(-1, 0, 0, world.space.prototype_design, world.space.graph.digest)
    prototype = replace(read(own), fidelity="long")
    trainings = Trainings(
        world.space,
        world.performance,
        train,
        prototype,
        Floor(floor, floor),
        prototype.measurements[world.performance.name],
        seed,
    )
    if method in SEARCHES:
        return by_control(SEARCHES[method], trainings, generator_of("random", world), BUDGET)
    inquisitor = inquisitor_of(method, world, required(floor, prototype))
    return by_synthesis(generator_of(method, world), inquisitor, trainings, BUDGET)


def floor_of(world: World) -> float:
    """Return the accuracy, percent, that a fifth of the random designs reach."""
    drawn = enumerate(first(generator_of("random", world), FLOOR_SEED, BUDGET))
    candidates = [Candidate(0, n, n, one, world.space.digest(one)) for n, one in drawn]
    logits = [world.network(one, FLOOR_SEED, short=True) for one in candidates]
    return float(np.percentile(to_percent(np.array(logits)), PERCENTILE))


def set_up(world: str) -> None:
    """Set up a process: its world, one thread, no words about what is meant to happen."""
    worlds.append(CifarWorld() if world == "cifar10" else DigitsWorld(IMAGES))
    quiet()


def of_one_seed(task: tuple[list[str], float, int]) -> dict[str, list[float]]:
    """Return every method's curve in one world."""
    methods, floor, seed = task
    return {method: curve(worlds[0], method, floor, seed) for method in methods}


def main() -> None:
    """Search, print and write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    methods = ["random", "uniform", "evolution", "tpe", "factorised", "hierarchical"]
    parser.add_argument("--methods", nargs="+", default=methods, help="random is always there")
    parser.add_argument("--seeds", type=int, default=16, help="5 or more")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--world", choices=list(CLAIMS), default="digits")
    parser.add_argument("--output", type=Path, help="default: in results/, by the world")
    options = parser.parse_args()
    methods = list(dict.fromkeys(["random", *options.methods]))
    set_up(options.world)
    floor = floor_of(worlds[0])
    tasks = [(methods, floor, seed) for seed in range(options.seeds)]
    context = get_context("spawn")
    with context.Pool(options.workers, set_up, [options.world]) as workers:
        found = []
        for one in workers.imap(of_one_seed, tasks):
            found.append(one)
            print(f"seed {len(found)} of {options.seeds}", flush=True)
    curves = {method: {i: one[method] for i, one in enumerate(found)} for method in methods}
    result = {
        "benchmark": "sample_efficiency",
        "claim": CLAIMS[options.world],
        "floor_percent": floor,
        "summary": summary(curves),
        "settings": {"budget": BUDGET, "per_cycle": PER_CYCLE, "percentile": PERCENTILE},
        "cores": os.cpu_count(),
        "versions": versions("scikit-learn", "optuna"),
        "curves": rounded(curves),
    }
    name = "sample_efficiency" if options.world == "digits" else "sample_efficiency_cifar10"
    write(result, options.output or RESULTS / f"{name}.json")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
