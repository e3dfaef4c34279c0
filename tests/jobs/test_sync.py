"""A run's notes reach the store later as they would have at once, and each once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from gensynth.diary import CycleNote, Diary, NetworkNote, ReportedNote

Command = Callable[..., Any]


def stored(outputs: Path) -> dict[str, int]:
    """Count what the store holds."""
    client = MlflowClient(f"sqlite:///{outputs / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("gensynth-classification")
    assert experiment is not None
    where = [experiment.experiment_id]
    runs = client.search_runs(where)
    (parent,) = (run for run in runs if "mlflow.parentRunId" not in run.data.tags)
    assert parent.info.status == "FINISHED"
    return {
        "networks": len(runs) - 1,
        "cycles": len(client.get_metric_history(parent.info.run_id, "mean_net_score")),
        "reported": len(client.search_logged_models(where)),
        "points": sum(
            len(client.get_metric_history(run.info.run_id, name))
            for run in runs
            for name in run.data.metrics
        ),
    }


def test_a_run_without_tracking_is_all_in_the_store_after_sync_and_once_however_often(
    copied: Path, command: Command
) -> None:
    outputs = copied.parents[1]
    done = command(outputs, "sync", "run=last")
    assert done.status == 0, done.err
    found = stored(outputs)
    notes = Diary(copied).notes()
    for kind, name in [
        (NetworkNote, "networks"),
        (CycleNote, "cycles"),
        (ReportedNote, "reported"),
    ]:
        assert found[name] == sum(isinstance(note, kind) for note in notes)
    assert command(outputs, "sync", f"run={copied}").status == 0
    assert stored(outputs) == found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run=nowhere"], "no synthesize run 'nowhere'"),
        (["tracking=none"], "sync writes into an MLflow store"),
        (["tracking.uri=sqlite:////dev/null/mlflow.db"], "/dev/null/mlflow.db cannot be opened"),
    ],
)
def test_what_cannot_be_synced_is_said_in_one_line(
    copied: Path, command: Command, words: list[str], said: str
) -> None:
    done = command(copied.parents[1], "sync", *words)
    assert done.status == 1
    assert said in done.err
    assert len(done.err.strip().splitlines()) == 1
