"""A run's folder as a synthesis leaves it, made without training anything."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gensynth.design.space import DesignSpace, derive
from gensynth.diary import AboutNote, CycleNote, Diary, EndNote, NetworkNote, Role
from gensynth.graph.graph import Graph
from gensynth.journal import Journal
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import save
from gensynth.prototypes.detectnet import detectnet
from gensynth.prototypes.refinenet import refinenet
from gensynth.prototypes.resnet import resnet
from gensynth.records import Candidate, Evaluation, Foretold, Insight, Response
from gensynth.report.result_table import Row
from gensynth.requirements import ResolvedBound
from gensynth.run_files import (
    CYCLES,
    DIARY,
    ENVIRONMENT,
    GENERATOR,
    INQUISITOR,
    INSIGHTS,
    JOURNAL,
    NETWORK,
    NETWORKS,
    PROTOTYPE,
    PROTOTYPE_EVALUATION,
    RESULT,
    SAVED,
)

BOUND = ResolvedBound("accuracy", "at_least", 80.0, relative=False)
QUANTITY = "usable_class_information_bits"
HOSTILE = "<script>alert('x')</script> & | `$x$` \"*_"


@pytest.fixture(scope="session")
def graphs() -> dict[str, Graph]:
    """The three prototypes, narrow."""
    return {
        "resnet": resnet((3, 16, 16), 10, depth=20, widths=[8, 16, 32]),
        "refinenet": refinenet(
            (3, 32, 64),
            5,
            depth=18,
            encoder_widths=[8, 8, 16, 16],
            decoder_widths=[16, 8],
            light=False,
            pooling_stages=3,
            dropout=0.5,
        ),
        "detectnet": detectnet(
            (3, 48, 64), 1, width=0.25, norm="batch", large_kernel=5, dropout=0.0
        ),
    }


def space_of(graph: Graph) -> DesignSpace:
    return derive(
        graph,
        width_ratios=[0.5, 1.0, 1.5],
        width_multiple=4,
        operations=["dense", "pointwise", "separable", "bottleneck", "inverted_bottleneck_se"],
        kernels=[3, 5],
        keep=True,
        downsampling=True,
        frozen=[],
    )


@pytest.fixture(name="space_of")
def _space_of() -> Callable[[Graph], DesignSpace]:
    """Return what a prototype offers when every kind of choice is on."""
    return space_of


@pytest.fixture(scope="session")
def variations(graphs: dict[str, Graph]) -> dict[str, list[Graph]]:
    """For every prototype networks that were generated from it, drawn evenly."""
    found: dict[str, list[Graph]] = {}
    for name, graph in graphs.items():
        space, rng = space_of(graph), np.random.default_rng(0)
        drawn = rng.integers(0, space.options_per_choice, (6, len(space.choices)))
        found[name] = [space.apply(row) for row in space.repair(drawn)]
    return found


class Made:
    """Writes a run's folder, part by part."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.graph = resnet((3, 16, 16), 10, depth=8, widths=[4, 8, 8])
        self.space = space_of(self.graph)
        self.diary = Diary(folder)
        self.journal = Journal(folder / JOURNAL)
        self.finalists: dict[str, Evaluation] = {}

    def begun(self, *overrides: str, seed: int = 0, **choices: str) -> "Made":
        """Write what it was started with."""
        chosen = {"task": "classification", "data": "digits", "prototype": "resnet",
                  "performance": "net_score", "inquisitor": "mutual_info", **choices}  # fmt: skip
        config = {"seed": seed, "quality": "accuracy",
                  "requirements": {"accuracy": {"at_least": 80.0, "at_most": None}},
                  "performance": {"alpha": 2.0, "beta": 0.5, "gamma": 0.5}}  # fmt: skip
        saved = {"job": "synthesize", "overrides": [*overrides, f"seed={seed}"], "choices": chosen,
                 "config": config, "config_dir": ""}  # fmt: skip
        self.write(SAVED, saved)
        self.write(ENVIRONMENT, {"device": "cpu", "processor": "mine", "packages": {"torch": "2"}})
        return self

    def about(self) -> "Made":
        """Note what the run is about."""
        choices = {choice.name: list(choice.options) for choice in self.space.choices}
        counts = {"train": 700, "search": 300, "confirm": 400, "test": 300}
        data = {"name": "digits", "counts": counts}
        costs = ["parameters", "macs"]
        units = {"accuracy": "percent"}
        self.diary.write(AboutNote(data, "accuracy", "net_score", costs, units, choices))
        return self

    def prepared(self, *, probed: bool = True) -> "Made":
        """Write the prototype."""
        self.about()
        save(self.folder / PROTOTYPE, GraphNetwork(self.graph))
        evaluation = self.evaluation(self.space.prototype_design, "long", "confirm", 90.0, 0)
        if probed:
            evaluation = replace(evaluation, responses=responses(self.graph))
        (self.folder / PROTOTYPE_EVALUATION).write_text(evaluation.to_json())
        self.finalists["prototype"] = evaluation
        self.diary.write(NetworkNote(evaluation, "prototype", self.described(evaluation), {}))
        return self

    def cycle(self, number: int, *, insights: bool = True) -> "Made":
        """Write a cycle of two candidates, one of which failed, and a promoted one."""
        rng = np.random.default_rng(number)
        rows = self.space.repair(
            rng.integers(0, self.space.options_per_choice, (2, len(self.space.choices)))
        )
        first, second = (tuple(int(option) for option in row) for row in rows)
        short = self.evaluation(first, "short", "search", 70.0 + number, number)
        self.network(short, "candidate")
        failed = Evaluation(
            Candidate(number, 1, 0, second, self.space.digest(second)),
            key=f"failed {number}",
            fidelity="short",
            split="search",
            status="failed",
            cause=HOSTILE,
        )
        self.network(failed, "candidate")
        longer = self.evaluation(first, "long", "search", 81.0 + number, number)
        self.network(replace(longer, candidate=short.candidate), "promoted")
        place = f"{CYCLES}/{number:03d}"
        (self.folder / place).mkdir(parents=True)
        self.write(f"{place}/{GENERATOR}", self.state(number))
        found = [asdict(one) for one in self.insights()] if insights else []
        self.write(f"{place}/{INSIGHTS}", found)
        figures = {"expected_accuracy": 80.0, "probability_requirements_hold": 0.25}
        told = Foretold(short.key, "short", 80.0, 75.0, 85.0, 81.0)
        self.write(f"{place}/{INQUISITOR}", {"foretold": [asdict(told)] * (number + 1)})
        files = tuple(f"{place}/{name}" for name in (GENERATOR, INSIGHTS, INQUISITOR))
        self.diary.write(CycleNote(number, figures, files))
        return self

    def finalist(self, name: str, accuracy: float, role: Role = "finalist") -> "Made":
        """Write a network that was trained long and read on the confirm split."""
        index = len(self.finalists)
        rng = np.random.default_rng(100 + index)
        drawn = rng.integers(0, self.space.options_per_choice, (1, len(self.space.choices)))
        design = tuple(int(option) for option in self.space.repair(drawn)[0])
        evaluation = self.evaluation(design, "long", "confirm", accuracy, 9)
        graph = self.space.apply(design)
        path = f"{NETWORKS}/{evaluation.candidate.name}.safetensors"
        save(self.folder / path, GraphNetwork(graph))
        evaluation = replace(evaluation, network=path, responses=responses(graph))
        self.network(evaluation, role)
        self.finalists[name] = evaluation
        return self

    def concluded(self, *, nominated: str | None, tested: bool = True) -> "Made":
        """Write result, generator and the nominated network; names are as `finalist` gave them."""
        rows = [self.row(name, "confirm") for name in self.finalists]
        best = self.finalists.get(nominated or "")
        if best is not None:
            network = GraphNetwork(self.space.apply(best.candidate.design))
            save(self.folder / NETWORK, network)
            rows += [self.row("prototype", "test"), self.row(nominated, "test")] if tested else []
        self.write(
            RESULT,
            {
                "nominated": best.candidate.name if best else None,
                "quality": "accuracy",
                "score": "net_score",
                "columns": ["accuracy", "parameters", "macs", "net_score"],
                "requirements": [asdict(BOUND)],
                "rows": [asdict(row) for row in rows],
            },
        )
        self.write(GENERATOR, self.state(9))
        self.diary.write(EndNote("finished", {}))
        return self

    def row(self, name: str | None, split: str) -> Row:
        evaluation = self.finalists[name or ""]
        shown = "prototype" if name == "prototype" else evaluation.candidate.name
        shown = f"uniform {shown}" if (name or "").startswith("uniform") else shown
        margins = {"accuracy": BOUND.margin(evaluation.measurements["accuracy"], 1.0)}
        errors = evaluation.standard_errors
        return Row(shown, split, evaluation.measurements, errors, margins)

    def network(self, evaluation: Evaluation, role: Role) -> None:
        self.journal.append(evaluation)
        self.diary.write(NetworkNote(evaluation, role, self.described(evaluation), {}))

    def evaluation(
        self, design: tuple[int, ...], fidelity: Any, split: str, accuracy: float, cycle: int
    ) -> Evaluation:
        graph = self.space.apply(design)
        measurements = {
            "accuracy": accuracy,
            "parameters": float(graph.parameters),
            "macs": float(graph.macs),
            "information_density": 1000 * accuracy / graph.parameters,
            "net_score": 100.0 + accuracy / 10,
        }
        return Evaluation(
            Candidate(cycle, len(self.journal), 0, design, graph.digest),
            key=f"{len(self.journal)} {fidelity} {split} {accuracy}",
            fidelity=fidelity,
            split=split,
            status="completed",
            measurements=measurements,
            standard_errors={"accuracy": 0.5},
        )

    def described(self, evaluation: Evaluation) -> dict[str, Any]:
        return dict(self.space.describe(evaluation.candidate.design))

    def state(self, number: int) -> dict[str, Any]:
        rng = np.random.default_rng(number)
        return {
            "kind": "factorised",
            "choices": {
                choice.name: {
                    "options": list(choice.options),
                    "probabilities": rng.dirichlet(np.ones(len(choice.options))).tolist(),
                }
                for choice in self.space.choices
            },
        }

    def insights(self) -> list[Insight]:
        return [
            Insight(
                choice.name, quantity, tuple(-0.5 * i for i, _ in enumerate(choice.options)), 1.0
            )
            for choice in self.space.choices
            for quantity in ("predicted_quality_change_points",)
        ]

    def write(self, name: str, content: Any) -> None:
        (self.folder / name).write_text(json.dumps(content), encoding="utf-8")

    def without(self, *names: str) -> "Made":
        for name in names:
            (self.folder / name).unlink()
        return self


def responses(graph: Graph) -> tuple[Response, ...]:
    exits = dict.fromkeys(region.exit for region in graph.regions)
    return tuple(
        Response("mutual_info", place, QUANTITY, tuple(0.1 * (i + 1) for i in range(width)))
        for place in exits
        if (width := graph.shapes[place][0])
    )


@pytest.fixture
def made(tmp_path: Path) -> Callable[[str], Made]:
    """Return a function that begins to make a run in a new folder."""

    def make(name: str = "run") -> Made:
        folder = tmp_path / name
        folder.mkdir(parents=True)
        return Made(folder)

    return make


@pytest.fixture
def whole(made: Callable[[str], Made]) -> Path:
    """The folder of a run that nominated a network and had a control."""
    run = made("whole").begun(f"title={HOSTILE}").prepared()
    run.cycle(0).cycle(1)
    run.finalist("a", 88.0).finalist("b", 79.0).finalist("uniform c", 86.0, "uniform finalist")
    run.concluded(nominated="a")
    assert (run.folder / DIARY).exists()
    return run.folder
