"""Models reach the registry with consecutive versions, from any number of runs, each once."""

from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from gensynth.graph.graph import Graph
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import save
from gensynth.tracking.registration import log_model, register
from gensynth.tracking.store import open_store


def opened(store: Path, tmp_path: Path, graph: Graph) -> tuple[MlflowClient, str, Path]:
    path = tmp_path / "one.safetensors"
    save(path, GraphNetwork(graph))
    uri = f"sqlite:///{store / 'mlflow.db'}"
    return *open_store(uri, "registration", store / "artifacts"), path


def test_versions_count_up_and_belong_to_their_runs(
    store: Path, tmp_path: Path, graph: Graph
) -> None:
    client, experiment, path = opened(store, tmp_path, graph)
    for expected in ["1", "2"]:
        run = client.create_run(experiment).info.run_id
        model = log_model(client, run, path, {"macs": 1.0})
        assert str(model.status) == "READY"
        assert model.source_run_id == run
        assert register(client, "counted", model, run) == expected
        assert client.get_model_version("counted", expected).run_id == run


def test_a_run_has_one_model_and_one_version_however_often_it_is_told(
    store: Path, tmp_path: Path, graph: Graph
) -> None:
    client, experiment, path = opened(store, tmp_path, graph)
    run = client.create_run(experiment).info.run_id
    for _ in range(2):
        model = log_model(client, run, path, {"macs": 1.0})
        assert register(client, "told twice", model, run) == "1"
    assert len(client.search_logged_models([experiment], f"source_run_id = '{run}'")) == 1
    assert len(client.search_model_versions("name = 'told twice'")) == 1
    assert len(client.get_metric_history(run, "macs")) == 1


def test_an_upload_that_broke_off_is_completed(
    store: Path, tmp_path: Path, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, experiment, path = opened(store, tmp_path, graph)
    run = client.create_run(experiment).info.run_id

    def full(*args: Any) -> None:
        raise OSError("disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(MlflowClient, "log_model_artifacts", full)
        with pytest.raises(OSError, match="full"):
            log_model(client, run, path, {})
    model = log_model(client, run, path, {})
    assert str(model.status) == "READY"
    (only,) = client.search_logged_models([experiment], f"source_run_id = '{run}'")
    assert only.model_id == model.model_id
