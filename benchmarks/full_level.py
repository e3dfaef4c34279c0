"""What a search finds on all of CIFAR-10, beside uniform scaling and beside tools that prune.

The searches come first, from one prototype; each names what it and its control nominate:

    gensynth -m experiment=cifar10 seed=0,1,2 open_test=false

Then every tool starts from the weights of the same prototype, with as many training images as the
search had (its own looks at images are counted, the prototype's training is not), the same recipe,
teacher and requirements. It prunes while the search images say that it passes, with what a search
keeps from the floor; of what passed, the confirm images nominate the best that holds, as they do
in a search. What a tool found is kept under outputs/full_level/: the benchmark goes on there.

    pip install -e '.[benchmarks]'
    python benchmarks/full_level.py RUN RUN RUN
    python benchmarks/full_level.py RUN RUN RUN --open-test

The last one reads the test split, once for each nominated network, and enters it in the runs'
ledgers. A run is its folder's name in outputs/runs, or `last`.

- net_score, accuracy, parameters, macs: of the nominated networks, mean over searches.
- search_leads: by how many NetScore points the search's own is ahead, paired by search.
"""

import argparse
import math
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, final

import torch
from prunable import prunable
from pruners import PRUNERS, Shrink, by_pruning
from search_methods import Row, quiet, spread, versions, write
from sight import AssemblySight

from gensynth.evaluation import SEARCH
from gensynth.generators.seeding import seed_of
from gensynth.jobs import places
from gensynth.jobs.examination import Examination
from gensynth.jobs.named_networks import Named, named
from gensynth.jobs.past_run import PastRun
from gensynth.jobs.prepare import teacher_of
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.hardware import detect_device, processor_name
from gensynth.report.read_run import read_run
from gensynth.report.result_table import Row as ResultRow
from gensynth.report.run_record import UNIFORM
from gensynth.training import evaluate_quality

RESULT = Path(__file__).parent / "results" / "full_level.json"
SEARCHED, CONTROL = "search", "uniform"
TOOLS = ["torch-pruning-taylor", "fastnas"]
SHOWN = ("net_score", "accuracy", "parameters", "macs")
TUNING = 2
"""Trainings of a tool in the time of one long training of a search."""


@final
@dataclass(frozen=True, slots=True)
class Descent:
    """One tool's way down from the prototype of a finished search.

    Args:
        past: the search.
        shrink: the tool.
        images: that it may learn from or look at.
    """

    past: PastRun
    shrink: Shrink
    images: int

    def run(self) -> list[GraphNetwork]:
        """Prune and train until the images are used up; return what passed, in that order."""
        a, left = self.past.assembly, self.images
        epochs = max(1, a.training.long_epochs // TUNING)
        each = epochs * a.data.counts["train"]
        teacher = teacher_of(self.past.prototype, a, places.outputs() / "teachers")
        needed = self._needed()
        passed: list[GraphNetwork] = []

        def tune(network: GraphNetwork) -> float:
            nonlocal left
            seed = seed_of(self.past.cfg.seed, 0, left)
            network.to(a.data.device)
            a.training.fit(network, a.task, a.data, epochs=epochs, seed=seed, teacher=teacher)
            margin = self._accuracy(network) - needed
            network.cpu()
            left -= each
            if margin >= 0:
                passed.append(deepcopy(network))
            return margin

        def look(images: int) -> None:
            nonlocal left
            left -= images

        by_pruning(
            self.shrink,
            prunable(self.past.prototype),
            AssemblySight(a),
            tune,
            look,
            lambda: left // each,
        )
        return passed

    def _needed(self) -> float:
        """Return the accuracy on the search images that a search would ask for."""
        quality, confirmation = self.past.assembly.task.quality, self.past.confirmation
        (limit,) = (b.limit for b in confirmation.requirements.bounds if b.name == quality)
        gap = self._accuracy(self.past.prototype) - self.past.evaluation.measurements[quality]
        return limit + gap + confirmation.expected_slack().get(quality, 0.0)

    def _accuracy(self, network: GraphNetwork) -> float:
        a = self.past.assembly
        found = evaluate_quality(network, a.task, a.data, SEARCH, a.training)
        return found.values[a.task.quality]


def images_of(past: PastRun) -> int:
    """Return how many images a search learned from: short, promoted and long trainings."""
    cfg, training = past.cfg, past.assembly.training
    long = math.ceil(cfg.cycles / cfg.promote_every) * cfg.promoted + cfg.long_networks
    epochs = cfg.cycles * cfg.candidates * training.short_epochs + long * training.long_epochs
    return int(epochs * past.assembly.data.counts["train"])


def kept(past: PastRun, tool: str, folder: Path) -> Path:
    """Return the file of what a tool nominated; finds it unless it was found before."""
    path = folder / f"{past.folder.name}-{tool}.pt"
    if not path.exists():
        passed = Descent(past, PRUNERS[tool], images_of(past)).run()
        with Examination.opened(past, False, 0, folder) as examination:
            chosen = best(passed, examination, tool)
        folder.mkdir(parents=True, exist_ok=True)
        torch.save(chosen, path)
    return path


def best(passed: list[GraphNetwork], examination: Examination, name: str) -> GraphNetwork | None:
    """Return the network with the best score of those that hold on the confirm images."""
    score = examination.past.assembly.performance.name
    found: list[tuple[float, int, GraphNetwork]] = []
    for network in passed:
        network.to(examination.past.assembly.data.device)
        (row,) = examination.rows(Named(name, network, {}), train=False)
        if min(row.margins.values()) >= 0:
            found.append((row.measurements[score], len(found), network))
    return max(found)[2] if found else None


def nominated(past: PastRun, tools: list[str], folder: Path) -> Iterator[tuple[str, Named | None]]:
    """Yield, by method, what it nominates; None: nothing held."""
    record = read_run(past.folder)
    control = record.best_control("confirm")
    names = {
        SEARCHED: record.nominated,
        CONTROL: control and control.name.removeprefix(UNIFORM),
    }
    for method, name in names.items():
        yield method, named(past, [name])[0] if name else None
    for tool in tools:
        network = torch.load(kept(past, tool, folder), weights_only=False)
        yield tool, None if network is None else Named(tool, network, {})


def read(past: PastRun, tools: list[str], folder: Path, *, open_test: bool) -> dict[str, Any]:
    """Return a search's rows, by method and split."""
    found: dict[str, Any] = {}
    with Examination.opened(past, open_test, past.cfg.seed, folder) as examination:
        for method, one in nominated(past, tools, folder):
            found[method] = {}
            if one is not None:
                one.network.to(past.assembly.data.device)
                rows: list[ResultRow] = list(examination.rows(one, train=False))
                found[method] = {row.split: asdict(row) for row in rows}
    return found


def summary(searches: list[Row], methods: list[str]) -> dict[str, Row]:
    """Return, by split and method, means over searches and how far the search is ahead."""
    result: dict[str, Row] = {}
    for split in ("confirm", "test"):
        if any(split in rows for one in searches for rows in one["rows"].values()):
            result[split] = {
                method: of_method(
                    [one["rows"][method].get(split) for one in searches],
                    [one["rows"][SEARCHED].get(split) for one in searches],
                )
                for method in methods
            }
    return result


def of_method(found: list[Row | None], searched: list[Row | None]) -> Row:
    """Return one method's figures; of each search's row and the method's beside it."""
    there = [row["measurements"] for row in found if row is not None]
    pairs = [(own, row) for own, row in zip(searched, found, strict=True) if own and row]
    return {
        "n": len(found),
        "nothing_held": len(found) - len(there),
        **{name: spread([one[name] for one in there]) for name in SHOWN},
        "accuracies": [round(one["accuracy"], 2) for one in there],
        "search_leads": spread([score(own) - score(row) for own, row in pairs]),
    }


def score(row: Mapping[str, Any]) -> float:
    """Return a row's NetScore."""
    return float(row["measurements"]["net_score"])


def main() -> None:
    """Let the tools work, print and write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("runs", nargs="+", help="finished searches of experiment=cifar10")
    parser.add_argument("--tools", nargs="*", default=TOOLS, choices=list(PRUNERS))
    parser.add_argument("--open-test", action="store_true", help="once, at the very end")
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    quiet()
    folder = places.outputs() / "full_level"
    searches: list[Row] = []
    for name in options.runs:
        past = PastRun.open(name)
        rows = read(past, options.tools, folder, open_test=options.open_test)
        searches.append({"seed": past.cfg.seed, "images": images_of(past), "rows": rows})
    training = past.assembly.training
    result = {
        "claim": "nominated networks on CIFAR-10, all training images",
        "summary": summary(searches, [SEARCHED, CONTROL, *options.tools]),
        "settings": {
            "requirement": [asdict(one) for one in past.confirmation.requirements.bounds],
            "prototype": dict(past.evaluation.measurements),
            "candidates": past.cfg.cycles * past.cfg.candidates,
            "short_epochs": training.short_epochs,
            "long_epochs": training.long_epochs,
            "long_networks": past.cfg.long_networks,
        },
        "device": processor_name(detect_device()),
        "versions": versions("torch_pruning", "nvidia-modelopt"),
        "searches": searches,
    }
    write(result, options.output)


if __name__ == "__main__":
    main()
