"""How many trainings does a search need on CIFAR-10? Every curve is made of real trainings.

ResNet-20, a fixed 10,000 of the training images, three epochs a network. A search sees what the
2,000 search images say of each network it has trained. A curve is the best NetScore among these
networks whose accuracy on the 5,000 confirm images, which decide nothing in a search, reaches the
floor; before there is one, the prototype's. The floor is the 80th percentile of the accuracies of
64 random designs that no method is given; it is found once and kept.

- trainings_to_random_64: least number at which a method's mean curve reaches the mean that `random`
  has with 64 trainings; null: not within its budget, or fewer seeds than five. The interval is a
  bootstrap over the seeds that both have; it knows nothing of the one prototype and split, nor
  that who trains many networks near the floor is lucky more often.
- A method is a list of overrides (`METHODS`), or a control of search_controls.py.

Prototype, floor and finished searches are kept beside this file, so that a campaign goes on where
it was stopped; what an unfinished search has trained is kept under outputs/cheap_level/. All is
computed with one thread, in float32 and on the CPU, so that machines can share the work:

    pip install -e '.[benchmarks]'
    python benchmarks/cheap_level.py --data data --seeds 0 1 2 3 4 --minutes 120
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import platform
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from time import monotonic
from typing import Any, final

os.environ["OMP_NUM_THREADS"] = "1"  # before torch: threads decide the last digits of weights
os.environ["CUDA_VISIBLE_DEVICES"] = ""

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
from omegaconf import DictConfig, OmegaConf
from search_controls import SEARCHES
from search_methods import Row, quiet, write

from gensynth.errors import GensynthError
from gensynth.evaluation import CONFIRM, SEARCH, Job
from gensynth.executors.workers import end_with_parent
from gensynth.generators.generator import Generator
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.jobs import places
from gensynth.jobs.assembly import assemble
from gensynth.jobs.build import build
from gensynth.jobs.calling import UNHEARD
from gensynth.jobs.origin import origin
from gensynth.jobs.prepare import prepare
from gensynth.jobs.running import start
from gensynth.jobs.runs import alone
from gensynth.jobs.synthesize import probes_of, prototype_source
from gensynth.journal import Journal, append_line, read_lines, write_whole
from gensynth.network.hardware import detect_device, keep_freed_memory
from gensynth.network.saving import save
from gensynth.recording import Recording
from gensynth.records import Candidate, Evaluation

HERE = Path(__file__).parent
RESULT = HERE / "results" / "cheap_level.json"
FLOOR = HERE / "recorded" / "cheap_level_floor.json"
SEARCHED = HERE / "recorded" / "cheap_level.jsonl"
PROTOTYPE = HERE / "networks" / "cheap_level_prototype.safetensors"
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
    **{control: ["inquisitor=random"] for control in SEARCHES},
}
RANDOM, BUDGET = 64, 40
"""Trainings of `random`, and of any other method: twice what is hoped for."""
FLOOR_SEED = 10**6


@final
class CheapLevel:
    """The prototype, the designs and what trains them, as a method's overrides describe them.

    Args:
        method: one of `METHODS`.
        floor: accuracy, percent, that is required.
        folder: keeps what was trained.
    """

    def __init__(self, method: str, floor: float, folder: Path) -> None:
        cfg = configuration(method, floor)
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
        # The weights of long trainings are kept: the second reading needs no second training.
        (found,) = self._evaluate([Job(candidate, "long", SEARCH)])
        held_out: Mapping[str, float] = {}
        if found.status == "completed":
            (confirmed,) = self._evaluate([Job(candidate, "long", CONFIRM)])
            held_out = confirmed.measurements
        self.trained.append(
            {
                "design": list(candidate.design),
                "search": found.measurements.get("accuracy"),
                "confirm": held_out.get("accuracy"),
                "parameters": found.measurements.get("parameters"),
                "macs": found.measurements.get("macs"),
                "seconds": round(found.seconds, 1),
            }
        )
        return found, held_out


def configuration(method: str, floor: float, *, own: bool = False) -> DictConfig:
    """Return the composed configuration of a method; `own`: it trains its prototype itself."""
    found: list[DictConfig] = []

    def note(cfg: DictConfig) -> float:
        found.append(cfg)
        return 0.0

    words = [*CHEAP, *METHODS[method], f"requirements.accuracy.at_least={floor}", *UNHEARD]
    words += [] if own else [f"prototype_checkpoint={PROTOTYPE}"]
    with tempfile.TemporaryDirectory() as folder:
        start([*words, f"hydra.run.dir={folder}/composed"], note)
    return found[0]


PARTS = ("generator", "inquisitor", "task", "training", "design", "data", "performance", "metrics")


def identity(method: str, floor: float) -> str:
    """Return a digest of what a search depends on, but for the code."""
    cfg = configuration(method, floor)
    parts: dict[str, Any] = {
        name: OmegaConf.to_container(cfg[name], resolve=True) for name in PARTS
    }
    parts["data"].pop("data_dir", None)
    prototype = hashlib.sha256(PROTOTYPE.read_bytes()).hexdigest()
    told = json.dumps([parts, floor, prototype, RANDOM, BUDGET], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def make_prototype() -> None:
    """Train the prototype that all methods have."""
    if not PROTOTYPE.exists():
        cfg = configuration("random", 0.0, own=True)
        prepared = prepare(assemble(cfg), {}, prototype_source(cfg))
        PROTOTYPE.parent.mkdir(exist_ok=True)
        save(PROTOTYPE, prepared.network, {"measurements": dict(prepared.evaluation.measurements)})


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


def searched(task: tuple[str, int, float, str, Path]) -> Row:
    """Run one search of one method and return its curve and trainings."""
    method, seed, floor, known, folder = task
    budget = RANDOM if method == "random" else BUDGET
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder):
        world = CheapLevel(method, floor, folder)
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
        "identity": known,
        "commit": origin(HERE).get("git_commit", "unknown"),
        "curve": [round(one, 4) for one in curve],
        "prototype": dict(world.prototype.measurements),
        "trained": world.trained,
        "seconds": sum(one["seconds"] for one in world.trained),
        "device": device_name(detect_device()),
        "torch": torch.__version__,
    }


def set_up() -> None:
    """Set up a worker process."""
    end_with_parent()
    quiet()
    keep_freed_memory()


@final
class Campaign:
    """Work in processes until all is done or time is up.

    Args:
        workers: processes.
        minutes: after which nothing more is waited for.
    """

    def __init__(self, workers: int, minutes: float) -> None:
        self._end = monotonic() + 60 * minutes
        context = get_context("spawn")
        self._pool = ProcessPoolExecutor(workers, mp_context=context, initializer=set_up)

    def run(self, work: Callable[[Any], Any], tasks: list[Any], done: Callable[[Any], None]) -> int:
        """Call `done` with what comes of every task; return how many are left or have failed."""
        left = {self._pool.submit(work, task) for task in tasks}
        failed = 0
        while left:
            remaining = max(0.0, self._end - monotonic())
            finished, left = wait(left, timeout=remaining, return_when=FIRST_COMPLETED)
            if not finished:
                print("time is up; what was trained is kept for the next time", flush=True)
                break
            for one in finished:
                try:
                    done(one.result())
                except GensynthError as error:
                    print(f"a search has failed: {error}", flush=True)
                    failed += 1
        return len(left) + failed

    def close(self) -> None:
        """End the processes, also in the middle of a training."""
        processes = multiprocessing.active_children()
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()


def kept_floor(campaign: Campaign, folder: Path) -> float:
    """Return the accuracy, percent, that a fifth of the random designs reach; found once."""
    if not FLOOR.exists():
        trained: list[Row] = []
        parts = [(part, folder / f"floor-{part}") for part in range(SHARES)]
        if campaign.run(random_designs, parts, trained.extend):
            raise SystemExit(1)
        assert len(trained) == RANDOM
        accuracies = [one["confirm"] or 0.0 for one in trained]
        floor = round(float(np.percentile(accuracies, PERCENTILE)), 4)
        write_whole(FLOOR, json.dumps({"floor_percent": floor, "trained": trained}))
    return float(json.loads(FLOOR.read_text(encoding="utf-8"))["floor_percent"])


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


def result_of(rows: Mapping[tuple[str, int], Row], floor: float) -> dict[str, Any]:
    """Return the record."""
    curves: dict[str, dict[int, list[float]]] = {}
    for (method, seed), row in sorted(rows.items()):
        curves.setdefault(method, {})[seed] = row["curve"]
    return {
        "claim": "trainings needed on CIFAR-10, 10,000 images, three epochs each",
        "floor_percent": floor,
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
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    methods = ["random", "mutual_info", "blind", "uniform", "tpe", "evolution"]
    parser.add_argument("--data", type=Path, required=True, help="holds cifar-10-batches-py/")
    parser.add_argument("--methods", nargs="+", default=methods, choices=list(METHODS))
    parser.add_argument("--seeds", nargs="+", type=int, default=list(range(5)))
    parser.add_argument("--minutes", type=float, default=1e4, help="when to stop for this time")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    options = parser.parse_args()
    os.environ[places.DATA] = str(options.data.absolute())
    quiet()
    make_prototype()
    campaign = Campaign(options.workers, options.minutes)
    folder = places.outputs() / "cheap_level"
    try:
        floor = kept_floor(campaign, folder)
        known = {method: identity(method, floor) for method in METHODS}
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
