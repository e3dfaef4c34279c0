"""How many trainings does a search need on CIFAR-10? Every curve is made of real trainings.

ResNet-20, a fixed 10,000 of the training images, three epochs a network. Every method trains as
many designs, sees what the 2,000 search images say of each, and has the same first theta_G, recipe
and prototype. A curve is the best NetScore among the networks trained so far whose accuracy on the
5,000 confirm images, which no search sees, reaches the floor; before there is one, the prototype's.
The floor is the 80th percentile of the accuracies of 64 random designs that no method is given.

- trainings_to_random_64: least number at which a method's mean curve reaches the mean that `random`
  has with 64 trainings; null: not within the budget. The interval is a bootstrap over seeds.
- A method is a list of overrides (`METHODS`), or one of search_controls.py.

What is measured is kept under outputs/cheap_level/, so that a campaign goes on where it was
stopped; finished searches are kept in `recorded/cheap_level.jsonl`, from which the result is made.
One thread and float32, so that machines of any kind can share the work:

    pip install -e '.[benchmarks]'
    python benchmarks/cheap_level.py --data data --seeds 5 --minutes 120
"""

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from importlib.metadata import version
from multiprocessing import TimeoutError as TimeIsUp
from multiprocessing import get_context
from pathlib import Path
from typing import Any, final

import numpy as np
import torch
from curves import (
    PER_CYCLE,
    PERCENTILE,
    Trainings,
    by_control,
    by_synthesis,
    first,
    rounded,
    summary,
)
from network_speed import device_name
from omegaconf import DictConfig
from search_controls import SEARCHES
from search_methods import Row, quiet, write

from gensynth.evaluation import CONFIRM, SEARCH, Job
from gensynth.generators.generator import Generator
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.jobs.assembly import assemble
from gensynth.jobs.build import build
from gensynth.jobs.calling import UNHEARD
from gensynth.jobs.prepare import prepare
from gensynth.jobs.running import start
from gensynth.jobs.synthesize import probes_of, prototype_source
from gensynth.journal import Journal, append_line, read_lines
from gensynth.network.hardware import detect_device, keep_freed_memory
from gensynth.recording import Recording
from gensynth.records import Candidate, Evaluation

HERE = Path(__file__).parent
RESULT, RECORDED = HERE / "results" / "cheap_level.json", HERE / "recorded" / "cheap_level.jsonl"
CHEAP = [
    "experiment=cifar10",
    "data.train_images=10000",
    "training.short_epochs=3",
    "training.long_epochs=3",
    "training.prototype_epochs=15",
    "training.precision=float32",
    "training.progress=false",
    "executor=this_process",
    "executor.threads=1",
]
METHODS = {
    "random": ["inquisitor=random"],
    "uniform": ["generator=uniform", "inquisitor=blind"],
    "blind": ["inquisitor=blind"],
    "mutual_info": ["inquisitor=mutual_info"],
    "hierarchical": ["generator=hierarchical", "inquisitor=mutual_info"],
    "hierarchical-blind": ["generator=hierarchical", "inquisitor=blind"],
    "inheritance": ["inquisitor=mutual_info", "training.inherit=true"],
    "no-distillation": ["inquisitor=mutual_info", "task.distillation_weight=0"],
    "no-operations": ["inquisitor=mutual_info", "design.operations=[dense]"],
    "no-dropped-blocks": ["inquisitor=mutual_info", "design.keep=false"],
    "no-downsampling": ["inquisitor=mutual_info", "design.downsampling=false"],
}
FLOOR, FLOOR_SEED = "floor", 10**6
"""The random designs that the floor comes from, and their seed."""
BUDGETS = {"random": 64, FLOOR: 64}
BUDGET = 40
"""Of the methods that are not named above: twice what is hoped for."""


@final
class CheapLevel:
    """The prototype, the designs and what trains them, as one list of overrides describes them.

    Args:
        overrides: of the configuration, beside those of the cheap level.
        floor: accuracy, percent, that is required.
        folder: keeps what was trained.
    """

    def __init__(self, overrides: list[str], floor: float, folder: Path) -> None:
        required = f"requirements.accuracy.at_least={floor}"
        cfg = composed([*CHEAP, required, *overrides])
        folder.mkdir(parents=True, exist_ok=True)
        self._cfg, self._assembly = cfg, assemble(cfg)
        self._prepared = prepare(self._assembly, probes_of(cfg), prototype_source(cfg))
        self.prototype = self._prepared.evaluation
        self.space, self.performance = self._assembly.space, self._assembly.performance
        evaluator = self._prepared.evaluator(self._assembly, probes_of(cfg), folder)
        journal = Journal(folder / "journal.jsonl")
        self._evaluate = Recording(evaluator, self._assembly.executor, journal, lambda _: None)
        self.trained: list[Row] = []

    def generator(self) -> Generator:
        """Return the configured generator at its first theta_G."""
        generator: Generator = build(self._cfg.generator, self.space, None)
        return generator

    def inquisitor(self) -> Inquisitor:
        """Return the configured inquisitor, that has seen nothing."""
        found = self._assembly.requirements.resolve(self.prototype.measurements)
        inquisitor: Inquisitor = build(
            self._cfg.inquisitor, self.space, found, self.performance, None
        )
        return inquisitor

    def train(self, candidate: Candidate) -> tuple[Evaluation, Mapping[str, float]]:
        """Train a network; return what search images say of it, and what confirm images do."""
        # Trained long is what is kept, and therefore read twice; both take three epochs here.
        (found,) = self._evaluate([Job(candidate, "long", SEARCH)])
        counts: Mapping[str, float] = {}
        if found.status == "completed":
            (held_out,) = self._evaluate([Job(candidate, "long", CONFIRM)])
            counts = held_out.measurements
        self.trained.append(
            {
                "design": list(candidate.design),
                "search": found.measurements.get("accuracy"),
                "confirm": counts.get("accuracy"),
                "parameters": found.measurements.get("parameters"),
                "macs": found.measurements.get("macs"),
                "seconds": round(found.seconds, 1),
            }
        )
        return found, counts


def composed(overrides: list[str]) -> DictConfig:
    """Return the configuration that a synthesis with these overrides has."""
    found: list[DictConfig] = []

    def note(cfg: DictConfig) -> float:
        found.append(cfg)
        return 0.0

    with tempfile.TemporaryDirectory() as folder:
        start([*overrides, *UNHEARD, f"hydra.run.dir={folder}/composed"], note)
    return found[0]


def searched(task: tuple[str, int, float], folder: Path) -> Row:
    """Run one search of one method and return its curve and trainings."""
    method, seed, floor = task
    started, budget = time.perf_counter(), BUDGETS.get(method, BUDGET)
    overrides = METHODS.get(method, METHODS["random"])
    world = CheapLevel(overrides, floor, folder / f"{method}-{seed}")
    if method == FLOOR:
        curve: list[float] = []
        for number, design in enumerate(first(world.generator(), FLOOR_SEED, budget)):
            if number % len(PARTS) == seed:
                digest = world.space.digest(design)
                world.train(Candidate(0, number, FLOOR_SEED + number, design, digest))
    else:
        trainings = Trainings(
            world.space, world.performance, world.train, world.prototype, floor, seed
        )
        if method in SEARCHES:
            curve = by_control(SEARCHES[method], trainings, world.generator(), budget)
        else:
            curve = by_synthesis(world.generator(), world.inquisitor(), trainings, budget)
    return {
        "method": method,
        "seed": seed,
        "floor_percent": floor,
        "prototype": dict(world.prototype.measurements),
        "curve": [round(one, 4) for one in curve],
        "trained": world.trained,
        "seconds": round(time.perf_counter() - started, 1),
        "device": device_name(detect_device()),
        "torch": torch.__version__,
    }


PARTS = range(8)
"""Of the random designs behind the floor, so that several processes can train them."""


def campaign(tasks: list[tuple[str, int, float]], options: argparse.Namespace) -> list[Row]:
    """Run the searches that are not recorded yet, as many as time allows, and record each."""
    done = {(one["method"], one["seed"]) for one in recorded(options.recorded)}
    left = [task for task in tasks if task[:2] not in done]
    search = partial(searched, folder=options.folder)
    with get_context("spawn").Pool(options.workers, initializer=set_up) as workers:
        running = workers.imap_unordered(search, left)
        try:
            for _ in left:
                remaining = options.end - time.monotonic()
                row = running.next(timeout=max(0.0, remaining))
                append_line(options.recorded, json.dumps(row))
                print(f"{row['method']} seed {row['seed']}: {row['seconds']:.0f} s", flush=True)
        except TimeIsUp:
            print("time is up; what was trained is kept for the next time", flush=True)
            raise SystemExit(1) from None
        finally:
            workers.terminate()
    return recorded(options.recorded)


def recorded(path: Path) -> list[Row]:
    """Return every finished search."""
    return read_lines(path, json.loads)


def set_up() -> None:
    """Set up a worker process."""
    quiet()
    keep_freed_memory()


def floor_of(rows: list[Row]) -> float:
    """Return the accuracy, percent, that a fifth of the random designs reach."""
    accuracies = [
        one["confirm"] for row in rows if row["method"] == FLOOR for one in row["trained"]
    ]
    return float(np.percentile([one for one in accuracies if one is not None], PERCENTILE))


def result_of(rows: list[Row], floor: float) -> dict[str, Any]:
    """Return the record: over the seeds that each method has finished."""
    curves: dict[str, Any] = {}
    for row in sorted(rows, key=lambda one: int(one["seed"])):
        if row["method"] != FLOOR:
            curves.setdefault(row["method"], []).append(row["curve"])
    arrays = {method: np.array(found) for method, found in curves.items()}
    return {
        "claim": "trainings needed on CIFAR-10, 10,000 images, three epochs each",
        "floor_percent": floor,
        "summary": summary(arrays) if "random" in arrays else {},
        "settings": {
            "budget": {"others": BUDGET, **BUDGETS},
            "per_cycle": PER_CYCLE,
            "percentile": PERCENTILE,
            "overrides": CHEAP,
            "methods": METHODS,
        },
        "prototype": rows[0]["prototype"],
        "devices": sorted({row["device"] for row in rows}),
        "versions": {
            "python": platform.python_version(),
            "torch": sorted({row["torch"] for row in rows}),
            **{name: version(name) for name in ("numpy", "scikit-learn", "optuna")},
        },
        "curves": rounded(arrays),
    }


def main() -> None:
    """Go on with the campaign, print and write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    methods = ["random", "mutual_info", "blind", "uniform", "tpe", "evolution"]
    parser.add_argument("--data", type=Path, required=True, help="holds cifar-10-batches-py/")
    parser.add_argument("--methods", nargs="+", default=methods)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=1e4, help="when to stop for this time")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--recorded", type=Path, default=RECORDED)
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    options.end = time.monotonic() + 60 * options.minutes
    os.environ["GENSYNTH_DATA"] = str(options.data.absolute())
    options.folder = Path(os.environ.get("GENSYNTH_OUTPUTS", "outputs")) / "cheap_level"
    CheapLevel(METHODS["random"], 0.0, options.folder / "prototype")  # trained once for all
    floor = floor_of(campaign([(FLOOR, part, 0.0) for part in PARTS], options))
    print(f"floor {floor:.2f} %", flush=True)
    try:
        searches = [(m, seed, floor) for seed in range(options.seeds) for m in options.methods]
        campaign(searches, options)
    finally:
        write(result_of(recorded(options.recorded), floor), options.output)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
