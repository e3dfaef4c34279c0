"""How many trainings does a search need on CIFAR-10? Every curve is made of real trainings.

ResNet-20, a fixed 10,000 of the training images, three epochs a network. A search sees what the
2,000 search images say of each network it has trained. A curve is the best NetScore among these
networks whose accuracy on the 5,000 confirm images, which decide nothing in a search, reaches the
floor; before there is one, the prototype's. The floor is the 80th percentile of the accuracies of
64 random designs that no method is given; it is found once and kept. For such networks the search
images happen to be harder than the others, which says nothing about a search; so what it aims at
is the same percentile of the same designs on the images that it sees.

- trainings_to_random_64: least number at which a method's mean curve reaches the mean that `random`
  has with 64 trainings; null: not within its budget, or fewer seeds than five. The interval is a
  bootstrap over the seeds that both have; it knows nothing of the one prototype and split, nor
  that who trains many networks near the floor is lucky more often.
- A method is a list of overrides (`METHODS`), a control of search_controls.py, or a pruner of
  pruners.py, which goes on with the prototype's weights: its networks are trained the longer the
  later they come, and only the best of them at the end can be compared with other methods.

Prototype, floor and finished searches are kept beside this file, so that a campaign goes on where
it was stopped; what an unfinished search has trained is kept under outputs/cheap_level/. All is
computed with one thread, in float32 and on the CPU, so that machines can share the work:

    pip install -e '.[benchmarks]'
    python benchmarks/cheap_level.py --data data --seeds 0 1 2 3 4 --minutes 120
"""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"  # before torch: threads decide the last digits of weights
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
import torch
from campaign import Campaign, parser_of
from cheap_world import CHEAP, METHODS, CheapLevel, identity, make_prototype
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
from pruners import PRUNERS, Shrink, by_pruning
from search_controls import SEARCHES
from search_methods import Row, commit_of, quiet, write

from gensynth.generators.seeding import seed_of
from gensynth.jobs import places
from gensynth.jobs.runs import alone
from gensynth.journal import append_line, read_lines, write_whole
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.hardware import detect_device, processor_name
from gensynth.records import Candidate

HERE = Path(__file__).parent
RESULT = HERE / "results" / "cheap_level.json"
FLOOR = HERE / "recorded" / "cheap_level_floor.json"
SEARCHED = HERE / "recorded" / "cheap_level.jsonl"
RANDOM, BUDGET = 64, 40
"""Trainings of `random`, and of any other method: twice what is hoped for."""
BUDGETS = [RANDOM, BUDGET, PER_CYCLE]
FLOOR_SEED = 10**6


def random_designs(task: tuple[int, Path]) -> list[Row]:
    """Train every eighth of the random designs that the floor comes from."""
    part, folder = task
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder):
        world = CheapLevel("random", 0.0, folder)
        for number, design in enumerate(first(world.generator(), FLOOR_SEED, RANDOM)):
            if number % SHARES == part:
                digest = world.space.digest(design)
                world.train(Candidate(0, number, FLOOR_SEED + number, design, digest))
        return world.trained


SHARES = 8
"""Of the random designs behind the floor, so that several processes can train them."""


def searched(task: tuple[str, int, Floor, str, Path]) -> Row:
    """Run one search of one method and return its curve and trainings."""
    method, seed, floor, known, folder = task
    budget = RANDOM if method == "random" else BUDGET
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder):
        world = CheapLevel(method, floor.aim, folder)
        trainings = Trainings(
            world.space,
            world.performance,
            world.train,
            world.seen_prototype(),
            floor,
            world.prototype.measurements[world.performance.name],
            seed,
        )
        if method in PRUNERS:
            curve = pruned(world, trainings, PRUNERS[method], seed, budget)
        elif method in SEARCHES:
            curve = by_control(SEARCHES[method], trainings, world.generator(), budget)
        else:
            curve = by_synthesis(world.generator(), world.inquisitor(), trainings, budget)
    return {
        "method": method,
        "seed": seed,
        "identity": known,
        "commit": commit_of(),
        "curve": [round(one, 4) for one in curve],
        "prototype": dict(world.prototype.measurements),
        "trained": world.trained,
        "seconds": sum(one["seconds"] for one in world.trained),
        "device": processor_name(detect_device()),
        "torch": torch.__version__,
    }


def pruned(
    world: CheapLevel, trainings: Trainings, shrink: Shrink, seed: int, budget: int
) -> list[float]:
    """Return the curve of a tool that prunes the prototype and trains on from its weights."""
    looked = 0

    def tune(network: GraphNetwork) -> float:
        return trainings.margin(*world.tune(network, seed_of(seed, 0, len(trainings.curve))))

    def look(images: int) -> None:
        nonlocal looked
        looked += images
        while looked >= world.images_per_training:  # a budget is counted in images
            looked -= world.images_per_training
            trainings.wait()

    def left() -> int:
        return budget - len(trainings.curve)

    by_pruning(shrink, world.prunable(), world.sight(), tune, look, left)
    return trainings.curve[:budget]


def kept_floor(campaign: Campaign, folder: Path) -> Floor:
    """Return the accuracies that a fifth of the random designs reach; found once."""
    known = identity("random", 0.0, 0.0, [RANDOM])
    if not FLOOR.exists():
        trained: list[Row] = []
        parts = [(part, folder / f"floor-{part}") for part in range(SHARES)]
        if campaign.run(random_designs, parts, trained.extend):
            raise SystemExit(1)
        assert len(trained) == RANDOM
        floor = reached_by_a_fifth(trained, "confirm")
        write_whole(
            FLOOR, json.dumps({"floor_percent": floor, "identity": known, "trained": trained})
        )
    kept = json.loads(FLOOR.read_text(encoding="utf-8"))
    if kept["identity"] != known:
        raise SystemExit(
            f"{FLOOR} was found with other settings: move it away to begin anew, or take the "
            "change of settings back"
        )
    return Floor(kept["floor_percent"], reached_by_a_fifth(kept["trained"], "search"))


def reached_by_a_fifth(trained: Sequence[Row], split: str) -> float:
    """Return the accuracy, percent, that a fifth of some networks have or exceed on a split."""
    accuracies = [one[split] or 0.0 for one in trained]
    return round(float(np.percentile(accuracies, PERCENTILE)), 4)


def finished_searches(known: Mapping[str, str]) -> dict[tuple[str, int], Row]:
    """Return what is recorded of the methods, by method and seed.

    Args:
        known: method to its identity.
    """
    rows = read_lines(SEARCHED, json.loads)
    for row in rows:
        if row["identity"] != known[row["method"]]:
            raise SystemExit(
                f"{SEARCHED} holds a search by {row['method']} with other settings: move the file "
                "away to begin anew, or take the change of settings back"
            )
    return {(row["method"], row["seed"]): row for row in rows}


def result_of(rows: Mapping[tuple[str, int], Row], floor: Floor) -> dict[str, Any]:
    """Return the record."""
    curves: dict[str, dict[int, list[float]]] = {}
    for (method, seed), row in sorted(rows.items()):
        curves.setdefault(method, {})[seed] = row["curve"]
    return {
        "claim": "trainings needed on CIFAR-10, 10,000 images, three epochs each",
        "floor_percent": floor.held_out,
        "aim_percent": floor.aim,
        "summary": summary(curves),
        "settings": {
            "random": RANDOM,
            "others": BUDGET,
            "per_cycle": PER_CYCLE,
            "percentile": PERCENTILE,
            "overrides": CHEAP,
            "methods": {method: METHODS[method] for method in curves},
        },
        "devices": sorted({row["device"] for row in rows.values()}),
        "commits": sorted({row["commit"] for row in rows.values()}),
        "versions": {
            "python": platform.python_version(),
            "torch": sorted({row["torch"] for row in rows.values()}),
            **{name: version(name) for name in ("numpy", "scikit-learn", "optuna")},
        },
        "curves": rounded(curves),
    }


def main() -> None:
    """Go on with the campaign, print and write the record."""
    parser = parser_of(__doc__)
    methods = ["random", "mutual_info", "blind", "uniform", "tpe", "evolution"]
    parser.add_argument("--methods", nargs="+", default=methods, choices=list(METHODS))
    parser.add_argument("--seeds", nargs="+", type=int, default=list(range(5)))
    options = parser.parse_args()
    os.environ[places.DATA] = str(options.data.absolute())
    quiet()
    make_prototype()
    campaign = Campaign(options.workers, options.minutes)
    folder = places.outputs() / "cheap_level"
    try:
        floor = kept_floor(campaign, folder)
        known = {method: identity(method, *floor, BUDGETS) for method in METHODS}
        rows = finished_searches(known)

        def keep(row: Row) -> None:
            append_line(SEARCHED, json.dumps(row))
            rows[row["method"], row["seed"]] = row
            print(f"{row['method']} seed {row['seed']}: {row['seconds']:.0f} s", flush=True)

        tasks = [
            (method, seed, floor, known[method], folder / f"{known[method]}-{method}-{seed}")
            for seed in options.seeds
            for method in options.methods
            if (method, seed) not in rows
        ]
        unfinished = campaign.run(searched, tasks, keep)
        if rows:
            write(result_of(rows, floor), RESULT)
    finally:
        campaign.close()
    raise SystemExit(1 if unfinished else 0)


if __name__ == "__main__":
    main()
