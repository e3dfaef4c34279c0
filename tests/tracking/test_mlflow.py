"""What people find in the MLflow UI, and that a broken store never breaks a run."""

import json
import logging
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from gensynth.errors import ConfigurationError
from gensynth.graph.graph import Graph
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import save
from gensynth.records import Evaluation
from gensynth.tracking.mlflow import NOTE, MlflowTracker


def children(tracker: MlflowTracker, folder: Path) -> dict[str, Run]:
    client = MlflowClient(tracker.uri)
    parent = (folder / NOTE).read_text().strip()
    experiment = client.get_run(parent).info.experiment_id
    found = client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{parent}'")
    return {run.info.run_name: run for run in found}


def parent(tracker: MlflowTracker, folder: Path) -> Run:
    return MlflowClient(tracker.uri).get_run((folder / NOTE).read_text().strip())


def test_run_holds_configuration_tags_curves_and_end(
    tracker: MlflowTracker, tmp_path: Path
) -> None:
    tracker.start(tmp_path, {"seed": 3, "data": {"size": 8}}, {"inquisitor": "random"})
    for cycle in range(3):
        tracker.cycle(cycle, {"best_net_score": 60.0 + cycle}, {"generator": {"theta": [1.0]}})
    tracker.finish("finished", {"nominated_net_score": 70.0})
    run = parent(tracker, tmp_path)
    assert run.info.status == "FINISHED"
    assert run.info.run_name == tmp_path.name
    assert run.data.params == {"seed": "3", "data.size": "8"}
    assert run.data.tags["inquisitor"] == "random"
    assert run.data.metrics["nominated_net_score"] == 70.0
    client = MlflowClient(tracker.uri)
    curve = client.get_metric_history(run.info.run_id, "best_net_score")
    assert [(point.step, point.value) for point in curve] == [(0, 60.0), (1, 61.0), (2, 62.0)]
    states = [file.path for file in client.list_artifacts(run.info.run_id, "cycles/002")]
    assert states == ["cycles/002/generator.json"]


def test_every_network_is_a_nested_run_with_units(
    tracker: MlflowTracker, tmp_path: Path, evaluation: Evaluation, failure: Evaluation
) -> None:
    tracker.start(tmp_path, {}, {})
    tracker.candidate(evaluation, {"stem width": 12}, {"margin_accuracy_percent": -0.5})
    tracker.candidate(failure, {"stem width": 8}, {})
    tracker.finish("finished", {})
    runs = children(tracker, tmp_path)
    good, bad = runs[evaluation.candidate.name], runs[failure.candidate.name]
    assert good.info.status == "FINISHED"
    assert good.data.params == {"stem width": "12"}
    assert good.data.metrics == {
        "accuracy_percent": 87.5,
        "accuracy_percent_standard_error": 0.5,
        "macs": 2368.0,
        "net_score": 71.25,
        "seconds": 1.5,
        "margin_accuracy_percent": -0.5,
    }
    assert bad.info.status == "FAILED"
    assert bad.data.tags["cause"] == "loss is NaN"
    text = mlflow.artifacts.load_text(f"{good.info.artifact_uri}/evaluation.json")
    assert Evaluation.from_json(text) == evaluation


def test_continued_run_is_reopened_and_repeats_nothing(
    tracker: MlflowTracker, tmp_path: Path, evaluation: Evaluation
) -> None:
    for _ in range(2):
        tracker.start(tmp_path, {"seed": 0, "data_dir": "anywhere"}, {})
        tracker.candidate(evaluation, {"stem": 12}, {})
        tracker.finish("interrupted", {})
    assert parent(tracker, tmp_path).info.status == "KILLED"
    assert list(children(tracker, tmp_path)) == [evaluation.candidate.name]


def test_run_continued_with_another_store_is_noted_there(
    tracker: MlflowTracker, tmp_path: Path
) -> None:
    (tmp_path / NOTE).write_text("0123456789abcdef0123456789abcdef\n")
    tracker.start(tmp_path, {"seed": 0}, {})
    tracker.finish("finished", {})
    assert parent(tracker, tmp_path).data.params == {"seed": "0"}


def test_more_figures_and_parameters_than_one_batch_takes(
    tracker: MlflowTracker, tmp_path: Path, evaluation: Evaluation
) -> None:
    design = {f"choice {i}": i for i in range(230)}
    tracker.start(tmp_path, {}, {})
    tracker.candidate(evaluation, design, {f"figure_{i}": float(i) for i in range(1200)})
    run = children(tracker, tmp_path)[evaluation.candidate.name]
    assert len(run.data.params) == 230
    assert run.data.metrics["figure_1199"] == 1199.0


def test_nominated_network_is_a_registered_model_that_predicts(
    tracker: MlflowTracker,
    tmp_path: Path,
    evaluation: Evaluation,
    graph: Graph,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)  # where MLflow's global default store would appear
    network = GraphNetwork(graph)
    path = tmp_path / "c02.safetensors"
    save(path, network)
    long = replace(evaluation, fidelity="long")
    tracker.start(tmp_path, {}, {})
    tracker.candidate(long, {}, {})
    started = time.perf_counter()
    tracker.network(long, path, graph, nominated=True)
    seconds = time.perf_counter() - started
    tracker.finish("finished", {})
    assert seconds < 5.0  # as MLflow's own log_model is usually called it takes twenty
    assert {file.name for file in tmp_path.iterdir()} == {NOTE, path.name}
    version = MlflowClient(tracker.uri).get_model_version_by_alias("tiny", "champion")
    model = mlflow.pyfunc.load_model(version.source)
    images = np.random.default_rng(0).normal(size=(2, 1, 8, 8)).astype(np.float32)
    assert model.predict(images).shape == (2, 3)
    assert model.metadata.signature.inputs.inputs[0].shape == (-1, 1, 8, 8)
    run = children(tracker, tmp_path)[f"{evaluation.candidate.name} long"]
    assert version.run_id == run.info.run_id


def test_a_store_that_fails_is_mentioned_once_and_the_run_goes_on(
    tracker: MlflowTracker,
    tmp_path: Path,
    evaluation: Evaluation,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tracker.start(tmp_path, {}, {})
    calls: list[str] = []

    def gone(*args: Any, **kwargs: Any) -> None:
        calls.append("log_batch")
        raise OSError("disk is full")

    monkeypatch.setattr(MlflowClient, "log_batch", gone)
    with caplog.at_level(logging.WARNING):
        for _ in range(10):
            tracker.candidate(evaluation, {}, {})
        tracker.finish("finished", {})
    assert len(calls) == 3
    assert sum("disk is full" in message for message in caplog.messages) == 1


def test_a_store_that_cannot_be_opened_stops_before_anything_is_computed(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("this is no database")
    tracker = MlflowTracker(
        uri=f"sqlite:///{tmp_path / 'mlflow.db'}",
        artifacts=str(tmp_path),
        experiment="tiny",
        register=None,
    )
    with pytest.raises(ConfigurationError, match="tracking=none") as caught:
        tracker.start(tmp_path, {}, {})
    assert "\n" not in str(caught.value)


def test_the_end_says_how_to_look_at_the_run(
    tracker: MlflowTracker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tracker.start(tmp_path, {}, {})
    with caplog.at_level(logging.INFO):
        tracker.finish("finished", {})
    assert f"-m mlflow ui --backend-store-uri {tracker.uri}" in caplog.text


def test_configuration_is_kept_as_an_artifact(tracker: MlflowTracker, tmp_path: Path) -> None:
    config = {"text": "x" * 10_000, "list": [1, 2]}
    tracker.start(tmp_path, config, {})
    run = parent(tracker, tmp_path)
    assert json.loads(mlflow.artifacts.load_text(f"{run.info.artifact_uri}/config.json")) == config


def test_files_of_the_run_are_kept(tracker: MlflowTracker, tmp_path: Path) -> None:
    (tmp_path / "table.txt").write_text("42")
    tracker.start(tmp_path, {}, {})
    tracker.artifact(tmp_path / "table.txt")
    run = parent(tracker, tmp_path)
    assert mlflow.artifacts.load_text(f"{run.info.artifact_uri}/table.txt") == "42"
