"""Models reach the registry with consecutive versions, and the best have names of their own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import LoggedModel

from gensynth.diary import AboutNote
from gensynth.graph.graph import Graph
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import save
from gensynth.records import Evaluation
from gensynth.tracking.registration import log_model, register
from gensynth.tracking.store import open_store

Log = Callable[..., LoggedModel]

FIGURES = {"accuracy": 90.5, "net_score": 70.25, "macs": 1234.0}


def opened(store: Path, tmp_path: Path, graph: Graph) -> tuple[MlflowClient, str, Path]:
    path = tmp_path / "one.safetensors"
    save(path, GraphNetwork(graph))
    uri = f"sqlite:///{store / 'mlflow.db'}"
    return *open_store(uri, "registration", store / "artifacts"), path


@pytest.fixture
def logged(evaluation: Evaluation, about: AboutNote) -> Callable[..., LoggedModel]:
    def log(client: MlflowClient, run: str, path: Path) -> LoggedModel:
        return log_model(client, run, evaluation, path, about, traced=False)

    return log


def test_versions_count_up_and_belong_to_their_runs(
    store: Path, tmp_path: Path, graph: Graph, about: AboutNote, logged: Log
) -> None:
    client, experiment, path = opened(store, tmp_path, graph)
    for expected in ["1", "2"]:
        run = client.create_run(experiment).info.run_id
        model = logged(client, run, path)
        assert str(model.status) == "READY"
        assert (model.source_run_id, model.name) == (run, "c02-1-01234567")
        assert register(client, "counted", model, about, FIGURES) == expected
        version = client.get_model_version("counted", expected)
        assert version.run_id == run
        linked = client.get_logged_model(model.model_id).tags["mlflow.modelVersions"]
        assert json.loads(linked) == [{"name": "counted", "version": expected}]
        assert version.tags == {"accuracy_percent": "90.5", "net_score": "70.25", "macs": "1234"}


def test_a_run_has_one_model_and_one_version_however_often_it_is_told(
    store: Path, tmp_path: Path, graph: Graph, about: AboutNote, logged: Log
) -> None:
    client, experiment, path = opened(store, tmp_path, graph)
    run = client.create_run(experiment).info.run_id
    client.log_param(run, "stem width", 8)
    for _ in range(2):
        model = logged(client, run, path)
        assert register(client, "told twice", model, about, FIGURES) == "1"
    (model,) = client.search_logged_models([experiment], f"source_run_id = '{run}'")
    assert model.params == {"stem width": "8"}
    assert {(one.key, one.dataset_name) for one in model.metrics or []} >= {("macs", "squares")}
    assert len(client.search_model_versions("name = 'told twice'")) == 1
    assert len(client.get_metric_history(run, "macs")) == 1


def test_the_best_of_all_runs_have_names(
    store: Path, tmp_path: Path, graph: Graph, about: AboutNote, logged: Log
) -> None:
    client, experiment, path = opened(store, tmp_path, graph)
    told = [(70.0, 90.0), (75.0, 85.0), (72.0, 95.0), (75.0, 94.0)]
    held = []
    for score, accuracy in told:
        model = logged(client, client.create_run(experiment).info.run_id, path)
        figures = {"net_score": score, "accuracy": accuracy}
        for _ in range(2):  # told again it wins nothing
            register(client, "competing", model, about, figures)
        held.append(dict(client.get_registered_model("competing").aliases))
    best = [(str(one["best-netscore"]), str(one["best-accuracy"])) for one in held]
    assert best == [("1", "1"), ("2", "1"), ("2", "3"), ("2", "3")]


def test_an_upload_that_broke_off_is_completed(
    store: Path, tmp_path: Path, graph: Graph, logged: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, experiment, path = opened(store, tmp_path, graph)
    run = client.create_run(experiment).info.run_id

    def full(*args: Any) -> None:
        raise OSError("disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(MlflowClient, "log_model_artifacts", full)
        with pytest.raises(OSError, match="full"):
            logged(client, run, path)
    model = logged(client, run, path)
    assert str(model.status) == "READY"
    (only,) = client.search_logged_models([experiment], f"source_run_id = '{run}'")
    assert only.model_id == model.model_id
