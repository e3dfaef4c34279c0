"""What people find in the MLflow UI, and that a broken store never breaks a run."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pytest
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

from gensynth.diary import (
    AboutNote,
    CycleNote,
    Ending,
    EndNote,
    FileNote,
    NetworkNote,
    PictureNote,
    ReportedNote,
    Role,
)
from gensynth.errors import ConfigurationError
from gensynth.graph.graph import Graph
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import save
from gensynth.records import Evaluation, Response
from gensynth.run_files import MLFLOW_RUN
from gensynth.tracking.mlflow import MlflowTracker
from gensynth.tracking.outbox import PAUSES


def children(tracker: MlflowTracker, folder: Path) -> dict[str, Run]:
    client = MlflowClient(tracker.uri)
    parent = (folder / MLFLOW_RUN).read_text().split()[-1]
    experiment = client.get_run(parent).info.experiment_id
    found = client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{parent}'")
    return {run.info.run_name: run for run in found}


def finish(tracker: MlflowTracker, ending: Ending, figures: Mapping[str, float]) -> int:
    tracker.note(EndNote(ending, figures))
    return tracker.close()


def parent(tracker: MlflowTracker, folder: Path) -> Run:
    return MlflowClient(tracker.uri).get_run((folder / MLFLOW_RUN).read_text().split()[-1])


def test_run_holds_configuration_tags_curves_and_end(
    tracker: MlflowTracker, tmp_path: Path
) -> None:
    tracker.start(tmp_path, "tiny", {"seed": 3, "data": {"size": 8}}, {"inquisitor": "random"})
    for cycle in range(3):
        state = tmp_path / f"cycles/{cycle:03d}/generator.json"
        state.parent.mkdir(parents=True)
        state.write_text("{}")
        files = (f"cycles/{cycle:03d}/generator.json",)
        tracker.note(CycleNote(cycle, {"best_net_score": 60.0 + cycle}, files))
    finish(tracker, "finished", {"nominated_net_score": 70.0})
    run = parent(tracker, tmp_path)
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "tiny"
    assert run.data.tags["folder"] == tmp_path.name
    assert run.data.params == {"seed": "3", "data.size": "8"}
    assert run.data.tags["inquisitor"] == "random"
    assert run.data.metrics["nominated_net_score"] == 70.0
    client = MlflowClient(tracker.uri)
    curve = client.get_metric_history(run.info.run_id, "best_net_score")
    assert [(point.step, point.value) for point in curve] == [(0, 60.0), (1, 61.0), (2, 62.0)]
    states = [file.path for file in client.list_artifacts(run.info.run_id, "cycles/002")]
    assert states == ["cycles/002/generator.json"]


def test_every_network_is_a_nested_run_with_units(
    tracker: MlflowTracker,
    tmp_path: Path,
    evaluation: Evaluation,
    failure: Evaluation,
    about: AboutNote,
) -> None:
    tracker.start(tmp_path, "tiny", {}, {})
    tracker.note(about)
    tracker.note(
        NetworkNote(evaluation, "candidate", {"stem width": 12}, {"margin_accuracy": -0.5})
    )
    tracker.note(NetworkNote(failure, "candidate", {"stem width": 8}, {}))
    finish(tracker, "finished", {})
    runs = children(tracker, tmp_path)
    good, bad = (runs[f"candidate {e.candidate.name}"] for e in (evaluation, failure))
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
    assert bad.data.tags["mlflow.note.content"] == "loss is NaN"  # the description on its page
    text = mlflow.artifacts.load_text(f"{good.info.artifact_uri}/evaluation.json")
    assert Evaluation.from_json(text) == evaluation


def test_every_network_says_what_it_is_to_the_run(
    tracker: MlflowTracker, tmp_path: Path, evaluation: Evaluation
) -> None:
    roles: list[Role] = ["prototype", "candidate", "finalist", "uniform candidate"]
    tracker.start(tmp_path, "tiny", {}, {})
    for number, role in enumerate([*roles, "uniform finalist"]):
        tracker.note(NetworkNote(replace(evaluation, key=f"{number}"), role, {}, {}))
    runs = children(tracker, tmp_path)
    assert len(runs) == 5
    for name, run in runs.items():
        assert name.startswith(run.data.tags["role"])


def points(client: MlflowClient, run: Run) -> dict[str, int]:
    names = run.data.metrics
    return {name: len(client.get_metric_history(run.info.run_id, name)) for name in names}


def test_continued_run_is_reopened_and_repeats_nothing(
    tracker: MlflowTracker, tmp_path: Path, evaluation: Evaluation, graph: Graph, about: AboutNote
) -> None:
    path = tmp_path / "c02.safetensors"
    save(path, GraphNetwork(graph))
    tracker.register = "continued"
    client = MlflowClient(tracker.uri)
    counted = []
    for _ in range(2):
        tracker.start(tmp_path, "tiny", {"seed": 0, "data_dir": "anywhere"}, {})
        tracker.note(about)
        tracker.note(NetworkNote(evaluation, "finalist", {"stem": 12}, {}))
        for cycle in range(2):
            tracker.note(CycleNote(cycle, {"largest_accuracy": 80.0 + cycle}, ()))
        tracker.note(ReportedNote(evaluation, path.name, nominated=True, met=True))
        finish(tracker, "interrupted", {"nominated_accuracy": 87.5})
        (child,) = children(tracker, tmp_path).values()
        run = parent(tracker, tmp_path)
        assert run.info.status == "KILLED"
        models = client.search_logged_models(
            [run.info.experiment_id], f"source_run_id = '{child.info.run_id}'"
        )
        versions = client.search_model_versions("name = 'continued-squares'")
        counted.append((points(client, child), points(client, run), len(models), len(versions)))
    assert counted[0] == counted[1]
    _, curves, *models_and_versions = counted[1]
    assert curves == {"largest_accuracy_percent": 2, "nominated_accuracy_percent": 1}
    assert models_and_versions == [1, 1]


def test_a_continued_run_adds_what_was_missing(
    tracker: MlflowTracker, tmp_path: Path, evaluation: Evaluation, failure: Evaluation
) -> None:
    told = [evaluation, failure]
    for cycles in (1, 2):
        tracker.start(tmp_path, "tiny", {}, {})
        for cycle in range(cycles):
            tracker.note(NetworkNote(told[cycle], "candidate", {}, {}))
            tracker.note(CycleNote(cycle, {"largest_accuracy": 80.0 + cycle}, ()))
        finish(tracker, "finished", {"score": 70.0 + cycles})
    run = parent(tracker, tmp_path)
    curve = MlflowClient(tracker.uri).get_metric_history(run.info.run_id, "largest_accuracy")
    assert [point.step for point in curve] == [0, 1]
    assert len(children(tracker, tmp_path)) == 2
    assert run.data.metrics["score"] == 72.0


def test_run_continued_with_another_store_is_noted_there(
    tracker: MlflowTracker, tmp_path: Path
) -> None:
    (tmp_path / MLFLOW_RUN).write_text("0123456789abcdef0123456789abcdef\n")
    tracker.start(tmp_path, "tiny", {"seed": 0}, {})
    finish(tracker, "finished", {})
    assert parent(tracker, tmp_path).data.params == {"seed": "0"}


def test_a_run_that_was_written_to_a_second_store_is_still_known_in_the_first(
    tracker: MlflowTracker, tmp_path: Path
) -> None:
    other = copy(tracker)
    other.uri = f"sqlite:///{tmp_path / 'other.db'}"
    for one in (tracker, other, tracker):
        one.start(tmp_path, "tiny", {"seed": 0}, {})
        finish(one, "finished", {})
    assert len((tmp_path / MLFLOW_RUN).read_text().split()) == 2
    for one in (tracker, other):
        client = MlflowClient(one.uri)
        every = [experiment.experiment_id for experiment in client.search_experiments()]
        assert len(client.search_runs(every, f"tags.folder = '{tmp_path.name}'")) == 1


def test_more_figures_and_parameters_than_one_batch_takes(
    tracker: MlflowTracker, tmp_path: Path, evaluation: Evaluation
) -> None:
    design = {f"choice {i}": i for i in range(230)}
    tracker.start(tmp_path, "tiny", {}, {})
    tracker.note(
        NetworkNote(evaluation, "candidate", design, {f"figure_{i}": float(i) for i in range(1200)})
    )
    (run,) = children(tracker, tmp_path).values()
    assert len(run.data.params) == 230
    assert run.data.metrics["figure_1199"] == 1199.0


def test_nominated_network_is_a_registered_model_that_predicts(
    tracker: MlflowTracker,
    tmp_path: Path,
    evaluation: Evaluation,
    graph: Graph,
    about: AboutNote,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)  # where MLflow's global default store would appear
    network = GraphNetwork(graph)
    path = tmp_path / "c02.safetensors"
    save(path, network)
    long = replace(evaluation, fidelity="long")
    tracker.start(tmp_path, "tiny", {}, {})
    tracker.note(about)
    tracker.note(NetworkNote(long, "finalist", {}, {}))
    with monkeypatch.context() as patch:
        # MLflow's own log_model starts a process that imports the model, to infer requirements.
        patch.setattr(subprocess, "Popen", lambda *args, **_: pytest.fail(f"starts {args}"))
        tracker.note(ReportedNote(long, path.name, nominated=True, met=True))
        finish(tracker, "finished", {})
    assert {file.name for file in tmp_path.iterdir()} == {MLFLOW_RUN, path.name}
    version = MlflowClient(tracker.uri).get_model_version_by_alias("tiny-squares", "best-netscore")
    model = mlflow.pyfunc.load_model(version.source)
    images = np.random.default_rng(0).normal(size=(2, 1, 8, 8)).astype(np.float32)
    assert model.predict(images).shape == (2, 3)
    assert model.metadata.signature.inputs.inputs[0].shape == (-1, 1, 8, 8)
    run = children(tracker, tmp_path)[f"finalist {evaluation.candidate.name}"]
    assert version.run_id == run.info.run_id
    assert run.data.tags["nominated"] == "true"


LOAD = """
import sys, mlflow, torch
name = "models:/shipped-squares@best-netscore"
print(mlflow.pytorch.load_model(name)(torch.zeros(3, 1, 8, 8)).shape[1])
print("gensynth" in sys.modules)
served = mlflow.pyfunc.load_model(name)
print(served.predict(served.input_example).shape[1])
print(len(served.metadata.metadata["classes"]))
"""


@pytest.mark.slow
def test_another_process_loads_the_best_network_by_its_name(
    tracker: MlflowTracker,
    tmp_path: Path,
    evaluation: Evaluation,
    graph: Graph,
    about: AboutNote,
) -> None:
    save(tmp_path / "one.safetensors", GraphNetwork(graph))
    tracker.register = "shipped"
    tracker.start(tmp_path, "tiny", {}, {})
    tracker.note(about)
    tracker.note(NetworkNote(evaluation, "finalist", {}, {}))
    tracker.note(ReportedNote(evaluation, "one.safetensors", nominated=True, met=True))
    assert finish(tracker, "finished", {}) == 0
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOAD],
        env=os.environ | {"MLFLOW_TRACKING_URI": tracker.uri},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["3", "False", "3", "3"], done.stderr


def test_a_network_that_misses_the_requirements_is_logged_and_not_registered(
    tracker: MlflowTracker,
    tmp_path: Path,
    evaluation: Evaluation,
    graph: Graph,
    about: AboutNote,
) -> None:
    save(tmp_path / "one.safetensors", GraphNetwork(graph))
    tracker.register = "missed"
    tracker.start(tmp_path, "tiny", {}, {})
    tracker.note(about)
    tracker.note(NetworkNote(evaluation, "finalist", {}, {}))
    tracker.note(ReportedNote(evaluation, "one.safetensors", nominated=False, met=False))
    (child,) = children(tracker, tmp_path).values()
    client = MlflowClient(tracker.uri)
    experiment, found = child.info.experiment_id, f"source_run_id = '{child.info.run_id}'"
    (model,) = client.search_logged_models([experiment], found)
    assert mlflow.pyfunc.load_model(model.artifact_location).metadata.flavors.keys() == {
        "python_function"
    }
    assert not client.search_model_versions("name = 'missed-squares'")


def test_jobs_of_a_sweep_lie_below_it_where_the_store_knows_it(
    tracker: MlflowTracker, tmp_path: Path
) -> None:
    jobs = [tmp_path / number for number in "01"]
    for folder in [tmp_path, *jobs]:
        folder.mkdir(exist_ok=True)
        tracker.start(folder, folder.name, {}, {})
        finish(tracker, "finished", {})
    assert children(tracker, tmp_path).keys() == {"0", "1"}
    (tmp_path / MLFLOW_RUN).write_text("0123456789abcdef0123456789abcdef\n")
    (tmp_path / "2").mkdir()
    tracker.start(tmp_path / "2", "2", {}, {})
    assert "mlflow.parentRunId" not in parent(tracker, tmp_path / "2").data.tags


def test_insights_and_responses_are_tables(
    tracker: MlflowTracker, tmp_path: Path, evaluation: Evaluation, about: AboutNote
) -> None:
    insight = {"choice": "stem", "quantity": "bits", "values": [0.5, 0.75], "weight": 2.0}
    path = tmp_path / "cycles/000/insights.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps([insight]))
    probed = replace(evaluation, responses=(Response("p", "stem", "bits", (0.1, 0.6)),))
    tracker.start(tmp_path, "tiny", {}, {})
    tracker.note(about)
    tracker.note(NetworkNote(probed, "candidate", {}, {}))
    tracker.note(CycleNote(0, {"mean_accuracy": 1.0}, ("cycles/000/insights.json",)))
    (child,) = children(tracker, tmp_path).values()
    run = parent(tracker, tmp_path)
    for holder, name in [(run, "insights/000.json"), (child, "responses.json")]:
        assert name in holder.data.tags["mlflow.loggedArtifacts"]
        table = json.loads(mlflow.artifacts.load_text(f"{holder.info.artifact_uri}/{name}"))
        assert all(len(row) == len(table["columns"]) for row in table["data"])


def test_a_run_shows_its_machine_and_stops_with_it(
    tracker: MlflowTracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(SystemMetricsMonitor, "start", lambda self: heard.append("start"))
    monkeypatch.setattr(SystemMetricsMonitor, "finish", lambda self: heard.append("finish"))
    tracker.system_metrics = True
    tracker.start(tmp_path, "tiny", {}, {})
    assert heard == ["start"]
    finish(tracker, "finished", {})
    assert heard == ["start", "finish"]


def failing(monkeypatch: pytest.MonkeyPatch, times: int) -> list[int]:
    """Let the store refuse that many batches; the list holds how many it will refuse still."""
    left, log_batch = [times], MlflowClient.log_batch

    def locked(*args: Any, **kwargs: Any) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise OSError("database is locked")
        log_batch(*args, **kwargs)

    monkeypatch.setattr(MlflowClient, "log_batch", locked)
    return left


@pytest.mark.parametrize("failures", [1, len(PAUSES), len(PAUSES) + 4])
def test_a_store_that_fails_for_a_while_holds_everything_in_the_end(
    tracker: MlflowTracker,
    tmp_path: Path,
    evaluation: Evaluation,
    slept: list[float],
    monkeypatch: pytest.MonkeyPatch,
    failures: int,
) -> None:
    tracker.start(tmp_path, "tiny", {}, {})
    failing(monkeypatch, failures)
    for number in range(3):
        tracker.note(NetworkNote(replace(evaluation, key=f"{number}"), "candidate", {}, {}))
        tracker.note(CycleNote(number, {"largest_accuracy": 80.0}, ()))
    finish(tracker, "finished", {"score": 1.0})
    run = parent(tracker, tmp_path)
    assert run.info.status == "FINISHED"
    assert points(MlflowClient(tracker.uri), run) == {"largest_accuracy": 3, "score": 1}
    found = MlflowClient(tracker.uri).search_runs(
        [run.info.experiment_id], f"tags.`mlflow.parentRunId` = '{run.info.run_id}'"
    )
    assert sorted(one.data.tags["evaluation"] for one in found) == ["0", "1", "2"]
    assert {one.info.status for one in found} == {"FINISHED"}


def test_a_store_that_stays_away_is_mentioned_once_and_what_is_lost_is_counted(
    tracker: MlflowTracker,
    tmp_path: Path,
    evaluation: Evaluation,
    slept: list[float],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tracker.start(tmp_path, "tiny", {}, {})
    failing(monkeypatch, 10_000)
    with caplog.at_level(logging.WARNING):
        for number in range(10):
            tracker.note(NetworkNote(replace(evaluation, key=f"{number}"), "candidate", {}, {}))
        assert finish(tracker, "finished", {"score": 1.0}) == 11
    assert sum("database is locked" in message for message in caplog.messages) == 1
    assert f"11 notes could not be written to {tracker.uri}" in caplog.messages[-1]


def test_a_store_that_cannot_be_opened_stops_before_anything_is_computed(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("this is no database")
    tracker = MlflowTracker(
        uri=f"sqlite:///{tmp_path / 'mlflow.db'}",
        artifacts=str(tmp_path),
        experiment="tiny",
        register=None,
        system_metrics=False,
    )
    with pytest.raises(ConfigurationError, match="tracking=none") as caught:
        tracker.start(tmp_path, "tiny", {}, {})
    assert "\n" not in str(caught.value)


def test_the_end_says_how_to_look_at_the_run(
    tracker: MlflowTracker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tracker.start(tmp_path, "tiny", {}, {})
    with caplog.at_level(logging.INFO):
        finish(tracker, "finished", {})
    assert f"-m gensynth ui uri={tracker.uri}" in caplog.text


def test_configuration_is_kept_as_an_artifact(tracker: MlflowTracker, tmp_path: Path) -> None:
    config = {"text": "x" * 10_000, "list": [1, 2]}
    tracker.start(tmp_path, "tiny", config, {})
    run = parent(tracker, tmp_path)
    assert json.loads(mlflow.artifacts.load_text(f"{run.info.artifact_uri}/config.json")) == config


def test_files_of_the_run_are_kept(tracker: MlflowTracker, tmp_path: Path) -> None:
    (tmp_path / "table.txt").write_text("42")
    tracker.start(tmp_path, "tiny", {}, {})
    tracker.note(FileNote("table.txt"))
    run = parent(tracker, tmp_path)
    assert mlflow.artifacts.load_text(f"{run.info.artifact_uri}/table.txt") == "42"


def test_pictures_lie_with_the_network_they_show(
    tracker: MlflowTracker, evaluation: Evaluation, tmp_path: Path
) -> None:
    path = tmp_path / "c02-1-segments.png"
    path.write_bytes(b"pixels")
    tracker.start(tmp_path, "tiny", {}, {})
    tracker.note(NetworkNote(evaluation, "finalist", {}, {}))
    tracker.note(PictureNote(evaluation, path.name))
    finish(tracker, "finished", {})
    (child,) = children(tracker, tmp_path).values()
    files = MlflowClient(tracker.uri).list_artifacts(child.info.run_id, "pictures")
    assert [file.path for file in files] == ["pictures/c02-1-segments.png"]
