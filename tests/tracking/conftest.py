"""A small graph, records of it, and a fresh store."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from gensynth.diary import AboutNote
from gensynth.graph.graph import Graph
from gensynth.graph.vertex import vertex
from gensynth.records import Candidate, Evaluation
from gensynth.tracking.mlflow import MlflowTracker


@pytest.fixture
def graph() -> Graph:
    return Graph(
        vertices=(
            vertex("input", "input", channels=1, height=8, width=8),
            vertex("conv", "conv", ["input"], channels=4, kernel=3),
            vertex("pool", "global_avg_pool", ["conv"]),
            vertex("flatten", "flatten", ["pool"]),
            vertex("classifier", "linear", ["flatten"], features=3),
        ),
        regions=(),
        outputs=(("logits", "classifier"),),
    )


@pytest.fixture
def evaluation() -> Evaluation:
    return Evaluation(
        candidate=Candidate(cycle=2, index=1, seed=7, design=(0, 1), digest="0123456789abcdef"),
        key="key",
        fidelity="short",
        split="search",
        status="completed",
        measurements={"accuracy": 87.5, "macs": 2368.0, "net_score": 71.25},
        standard_errors={"accuracy": 0.5},
        seconds=1.5,
    )


@pytest.fixture
def about() -> AboutNote:
    data = {
        "name": "squares",
        "input_shape": [1, 8, 8],
        "classes": ["a", "b", "c"],
        "mean": [0.5],
        "std": [0.25],
        "counts": {"train": 80, "search": 10, "confirm": 10, "test": 20},
        "digest": "0123456789abcdef" * 4,
    }
    units = {"accuracy": "percent"}
    return AboutNote(data, "accuracy", "net_score", ["macs"], units, {"stem": [4, 8]})


@pytest.fixture
def failure(evaluation: Evaluation) -> Evaluation:
    other = replace(evaluation.candidate, index=2, digest="fedcba9876543210")
    return Evaluation(other, "key2", "short", "search", "failed", cause="loss is NaN")


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose store all tests share: creating one takes seconds."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture
def tracker(store: Path) -> MlflowTracker:
    return MlflowTracker(
        uri=f"sqlite:///{store / 'mlflow.db'}",
        artifacts=str(store / "artifacts"),
        experiment="tiny",
        register="tiny",
        system_metrics=False,
    )


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses between attempts, in seconds; nobody waits."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    return pauses
