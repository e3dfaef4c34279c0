"""What stands in the store depends on which notes were written, not on how often."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from gensynth.diary import (
    AboutNote,
    CycleNote,
    EndNote,
    FileNote,
    NetworkNote,
    Note,
    PictureNote,
    ReportedNote,
)
from gensynth.graph.graph import Graph
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import save
from gensynth.records import Evaluation, Response
from gensynth.tracking.open_run import OpenRun
from gensynth.tracking.store import open_store
from gensynth.tracking.writing import write


@pytest.fixture
def notes(
    tmp_path: Path, graph: Graph, evaluation: Evaluation, failure: Evaluation, about: AboutNote
) -> tuple[Note, ...]:
    save(tmp_path / "one.safetensors", GraphNetwork(graph))
    for name in ["cycles/000/generator.json", "one.png", "result.json"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    probed = replace(evaluation, responses=(Response("p", "stem", "bits", (0.1, 0.6)),))
    return (
        about,
        NetworkNote(probed, "finalist", {"stem": 8}, {"margin_accuracy": 1.0}),
        NetworkNote(failure, "candidate", {"stem": 4}, {}),
        CycleNote(0, {"mean_accuracy": 80.0}, ("cycles/000/generator.json",)),
        ReportedNote(probed, "one.safetensors", nominated=True, met=True),
        PictureNote(evaluation, "one.png"),
        FileNote("result.json"),
        EndNote("finished", {"score": 1.0}),
    )


def contents(client: MlflowClient, experiment: str, registry: str) -> dict[str, Any]:
    """Everything that counts: runs, points of curves, files, models, versions."""
    runs = client.search_runs([experiment])
    return {
        "runs": sorted((run.info.run_name, run.info.status) for run in runs),
        "points": sorted(
            (run.info.run_name, name, len(client.get_metric_history(run.info.run_id, name)))
            for run in runs
            for name in run.data.metrics
        ),
        "files": sorted(
            (run.info.run_name, file.path)
            for run in runs
            for folder in [None, "cycles/000", "pictures"]
            for file in client.list_artifacts(run.info.run_id, folder)
        ),
        "models": len(client.search_logged_models([experiment])),
        "versions": len(client.search_model_versions(f"name = '{registry}-squares'")),
    }


def test_notes_written_again_repeat_nothing(
    store: Path, tmp_path: Path, notes: tuple[Note, ...]
) -> None:
    opened = open_store(f"sqlite:///{store / 'mlflow.db'}", "writing", store / "artifacts")
    run = OpenRun.create(*opened, tmp_path, "tiny", {}, {})
    for note in notes:
        write(note, run, "written")
    once = contents(*opened, "written")
    assert [name for name, _ in once["runs"]] == [
        "candidate c02-2-fedcba98",
        "finalist c02-1-01234567",
        "tiny",
    ]
    assert (once["models"], once["versions"]) == (1, 1)
    for name in ["responses.json", "responses.svg"]:
        assert ("finalist c02-1-01234567", name) in once["files"]
    for _ in range(2):
        again = OpenRun.reopen(*opened, tmp_path)
        assert again is not None
        for note in notes:
            write(note, again, "written")
    assert contents(*opened, "written") == once


def test_without_a_registry_models_are_logged_and_not_registered(
    store: Path, tmp_path: Path, notes: tuple[Note, ...]
) -> None:
    opened = open_store(f"sqlite:///{store / 'mlflow.db'}", "unregistered", store / "artifacts")
    run = OpenRun.create(*opened, tmp_path, "tiny", {}, {})
    for note in notes:
        write(note, run, None)
    found = contents(*opened, "unregistered")
    assert (found["models"], found["versions"]) == (1, 0)
