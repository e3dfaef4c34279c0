"""Which way of searching finds the better network? Whole searches in the stand-in world of digits.

Every method has the same candidates, long trainings, predictor (blind: the world has nothing to
probe), nomination and worlds; one seed is one world, one stream of seeds and one draw of the noise.
Methods are configurations of the group `generator`, and `random`: `factorised`, never changed.

- net_score: of the nominated network, as it was measured.
- true_accuracy: of that network, on infinitely many images.
- different, median_difference, reach_the_floor: of 64 designs that the settled generator draws,
  how many differ, in which share of active choices pairs do, and which share is accurate enough.

Worlds share one fit to what was recorded: standard errors know nothing of how it may be wrong.

    python benchmarks/search_methods.py --floors 93 96 --seeds 16
"""

import argparse
import json
import logging
import os
import platform
import statistics
import time
import warnings
from collections.abc import Mapping
from functools import partial
from importlib.metadata import version
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from cifar_world import CifarWorld
from digits_world import GRAPH, IMAGES, DigitsWorld
from omegaconf import DictConfig, OmegaConf

from gensynth.confirmation import Confirmation
from gensynth.evaluation import CONFIRM, Job
from gensynth.generators.generator import Designs, Generator
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.inquisitors.learning import LearningInquisitor
from gensynth.inquisitors.logit import to_percent
from gensynth.inquisitors.prior import Prior
from gensynth.inquisitors.random import RandomInquisitor
from gensynth.jobs.build import build
from gensynth.jobs.origin import origin
from gensynth.nomination import Nomination
from gensynth.records import Candidate, Evaluation
from gensynth.requirements import Requirements, ResolvedRequirements
from gensynth.synthesis import Synthesis

ROOT = Path(__file__).parents[1]
RESULT = Path(__file__).parent / "results" / "search_methods.json"
BUDGETS: dict[str, dict[str, int]] = {
    "digits": {"cycles": 10, "candidates": 12, "promoted": 1, "promote_every": 1, "long": 6},
    "cifar10": {"cycles": 4, "candidates": 4, "promoted": 2, "promote_every": 4, "long": 4},
}
"""Named after the data sets whose configuration asks for as much."""
POOL, ATTEMPTS, AT_ONCE, Z = 4096, 64, 2, 1.28
Row = dict[str, Any]
World = DigitsWorld | CifarWorld
worlds: list[DigitsWorld] = []
"""The one of this process; its fit takes seconds."""


def generator_of(method: str, world: World) -> Generator:
    """Return what the configuration of a method describes."""
    name = "factorised" if method == "random" else method
    found = [
        *ROOT.glob(f"conf/generator/{name}.yaml"),
        *ROOT.glob(f"plugins/gensynth_plugins/*/conf/generator/{name}.yaml"),
    ]
    if not found:
        raise SystemExit(f"search_methods: no generator {name!r} in conf/ or plugins/")
    described = OmegaConf.load(found[0])
    assert isinstance(described, DictConfig)
    generator: Generator = build(described, world.space, None)
    return generator


def search(world: DigitsWorld, method: str, floor: float, budget: dict[str, int], seed: int) -> Row:
    """Run one search to its nomination and return what came of it."""
    started = time.perf_counter()
    evaluate = partial(world.evaluate, seed=seed)
    own = Candidate(-1, 0, 0, world.space.prototype_design, GRAPH.digest)
    (prototype,) = evaluate([Job(own, "long", CONFIRM)])
    confirmation = Confirmation(
        required(floor, prototype),
        prototype,
        IMAGES["confirm"],
        IMAGES["test"],
        Z,
        frozenset(["accuracy"]),
    )
    inquisitor = inquisitor_of(
        method, world, confirmation.requirements, confirmation.expected_slack()
    )
    inquisitor.observe(prototype, ())
    shared: Row = {
        "space": world.space,
        "generator": generator_of(method, world),
        "inquisitor": inquisitor,
        "evaluate": evaluate,
        "allowed": everything,
        "seed": seed,
    }
    nomination = Nomination(
        **shared,
        confirmation=confirmation,
        score="net_score",
        reference=prototype.measurements["net_score"],
        pool=POOL,
        at_once=AT_ONCE,
    )
    synthesis = Synthesis(
        **shared,
        observer=lambda _report: None,
        candidates=budget["candidates"],
        attempts=ATTEMPTS,
        promote=partial(nomination.promoted, count=budget["promoted"]),
        promote_every=budget["promote_every"],
    )
    trained = synthesis.run(budget["cycles"])
    finalists = nomination.run(trained, budget["long"], budget["cycles"])
    synthesis.settle(budget["cycles"])
    nominated = nomination.nominated(finalists)
    row: Row = {"method": method, "floor": floor, "seed": seed, "net_score": None}
    if nominated is not None:
        design = np.array([nominated.candidate.design])
        row["net_score"] = nominated.measurements["net_score"]
        row["true_accuracy"] = float(to_percent(world.truth(design, seed, short=False))[0])
    row["generated"] = generated(world, shared["generator"], floor, seed)
    return row | {"seconds": time.perf_counter() - started}


def inquisitor_of(
    method: str,
    world: World,
    requirements: ResolvedRequirements,
    slack: Mapping[str, float] | None = None,
) -> Inquisitor:
    """Return the blind inquisitor, or the one that never changes the generator."""
    settings: dict[str, Any] = {"quality": "accuracy", "prior": prior_of(world)}
    known = (world.space, requirements, world.performance, slack)
    if method == "random":
        return RandomInquisitor(*known, **settings)
    return LearningInquisitor(*known, probes={}, **settings)


def prior_of(world: World) -> Prior:
    """Return what is believed beforehand, as configured, of what a world trains."""
    configured = OmegaConf.load(ROOT / "conf" / "prior" / "default.yaml")
    assert isinstance(configured, DictConfig)
    return Prior(halving_cost_logits=configured.halving_cost_logits, **world.trained)


def required(floor: float, prototype: Evaluation) -> ResolvedRequirements:
    """Return the requirement of an accuracy, percent."""
    bounds = {"accuracy": {"at_least": floor, "at_most": None}}
    return Requirements(bounds, percent=["accuracy"]).resolve(prototype.measurements)


def everything(designs: Designs) -> np.ndarray:
    """Allow all designs: there is no requirement on exact costs."""
    return np.ones(len(designs), dtype=np.bool_)


def generated(world: DigitsWorld, generator: Generator, floor: float, seed: int) -> Row:
    """Return how varied 64 drawn designs are, and how many reach the floor."""
    designs = world.space.canonical(generator.generate(range(64)))
    active = world.space.active(designs)
    differences = [
        ((designs[i] != designs[j]) & (active[i] | active[j])).sum() / (active[i] | active[j]).sum()
        for i, j in combinations(range(64), 2)
    ]
    reached = to_percent(world.truth(designs, seed, short=False)) >= floor
    return {
        "different": len(np.unique(designs, axis=0)),
        "median_difference": float(np.median(differences)),
        "reach_the_floor": float(reached.mean()),
    }


def set_up() -> None:
    """Set up a worker process: its world, one thread, no words about what is meant to happen."""
    worlds.append(DigitsWorld())
    quiet()


def quiet() -> None:
    """Use one thread, and keep quiet about what is meant to happen."""
    torch.set_num_threads(1)
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")


def of_one_seed(task: tuple[list[str], list[float], dict[str, int], int]) -> list[Row]:
    """Run every method at every floor in one world."""
    methods, floors, budget, seed = task
    return [search(worlds[0], m, f, budget, seed) for f in floors for m in methods]


def summary(rows: list[Row], methods: list[str], floor: float) -> dict[str, Row]:
    """Return, per method, the mean of every figure, and its lead over the first method."""
    scores = {
        m: {r["seed"]: r["net_score"] for r in rows if r["method"] == m and r["floor"] == floor}
        for m in methods
    }
    result = {}
    for m in methods:
        mine = [r for r in rows if r["method"] == m and r["floor"] == floor]
        passed = [r for r in mine if r["net_score"] is not None]
        leads = [
            scores[m][s] - other
            for s, other in scores[methods[0]].items()
            if other is not None and scores[m][s] is not None
        ]
        result[m] = {
            "n": len(mine),
            "nothing_passed": len(mine) - len(passed),
            "net_score": spread([r["net_score"] for r in passed]),
            "true_accuracy": spread([r["true_accuracy"] for r in passed]),
            f"lead_over_{methods[0]}": spread(leads),
            **{key: spread([r["generated"][key] for r in mine]) for key in mine[0]["generated"]},
            "seconds": spread([r["seconds"] for r in mine]),
        }
    return result


def spread(values: list[float]) -> Row:
    """Return mean and standard error."""
    if len(values) < 2:
        return {"mean": values[0] if values else None, "standard_error": None}
    error = statistics.stdev(values) / len(values) ** 0.5
    return {"mean": round(statistics.fmean(values), 4), "standard_error": round(error, 4)}


def versions(*packages: str) -> dict[str, str]:
    """Return the versions of Python, torch, numpy and of more packages."""
    shared = {"python": platform.python_version(), "torch": torch.__version__}
    return shared | {name: version(name) for name in ("numpy", *packages)}


def commit_of() -> str:
    """Return the commit that this code is, as git names it."""
    return origin(ROOT).get("git_commit", "unknown")


def write(record: Row, path: Path) -> None:
    """Write a record with the code it comes from, and print its summary."""
    path.parent.mkdir(parents=True, exist_ok=True)
    commit = {} if "commits" in record else {"commits": [commit_of()]}
    path.write_text(json.dumps(record | commit, indent=1) + "\n")
    print(json.dumps(record["summary"], indent=1))


def main() -> None:
    """Search, print and write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    methods = ["uniform", "random", "factorised", "hierarchical"]
    parser.add_argument("--methods", nargs="+", default=methods, help="the first is the baseline")
    parser.add_argument(
        "--floors", nargs="+", type=float, default=[93.0, 96.0], help="accuracy, %%"
    )
    parser.add_argument("--budget", choices=list(BUDGETS), default="digits")
    parser.add_argument("--seeds", type=int, default=16)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    budget = BUDGETS[options.budget]
    tasks = [(options.methods, options.floors, budget, seed) for seed in range(options.seeds)]
    with get_context("spawn").Pool(options.workers, initializer=set_up) as workers:
        found = []
        for rows in workers.imap(of_one_seed, tasks):
            found += rows
            print(f"seed {rows[0]['seed'] + 1} of {options.seeds}", flush=True)
    result = {
        "claim": "nominated NetScore in a world fitted to recorded trainings on digits",
        "summary": {f"{f:g}": summary(found, options.methods, f) for f in options.floors},
        "settings": {"budget": {options.budget: budget}, "pool": POOL, "at_once": AT_ONCE},
        "cores": os.cpu_count(),
        "versions": versions("scikit-learn"),
        "runs": found,
    }
    write(result, options.output)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
