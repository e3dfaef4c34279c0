"""A store is created once, however many processes want it at the same moment."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient

from gensynth.tracking.store import open_store

PROCESS = """
import sys
from pathlib import Path
from gensynth.diary import CycleNote, EndNote
from gensynth.tracking.mlflow import MlflowTracker
folder = Path(sys.argv[1])
run = folder / sys.argv[2]
run.mkdir()
tracker = MlflowTracker(
    uri=f"sqlite:///{folder / 'mlflow.db'}", artifacts=str(folder / "artifacts"),
    experiment="parallel", register=None, system_metrics=False,
)
tracker.start(run, sys.argv[2], {"seed": sys.argv[2]}, {})
for cycle in range(10):
    tracker.note(CycleNote(cycle, {"score": float(cycle)}, ()))
tracker.note(EndNote("finished", {"score": 10.0}))
raise SystemExit(tracker.close())
"""


@pytest.mark.slow
def test_four_processes_open_one_fresh_store_at_once(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", PROCESS, str(tmp_path), str(number)],
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
        for number in range(4)
    ]
    errors = [process.communicate(timeout=300)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, errors
    assert not [line for text in errors for line in text.splitlines() if "failed" in line]
    client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("parallel")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    assert sorted(run.data.params["seed"] for run in runs) == ["0", "1", "2", "3"]
    assert {run.info.status for run in runs} == {"FINISHED"}


def test_opening_twice_gives_the_same_experiment_with_an_absolute_location(store: Path) -> None:
    uri = f"sqlite:///{store / 'mlflow.db'}"
    client, first = open_store(uri, "same", store / "artifacts")
    _, second = open_store(uri, "same", store / "elsewhere")
    assert first == second
    location = client.get_experiment(first).artifact_location
    assert location == (store / "artifacts" / "same").as_uri()


def test_a_deleted_experiment_comes_back(store: Path) -> None:
    uri = f"sqlite:///{store / 'mlflow.db'}"
    client, first = open_store(uri, "deleted", store / "artifacts")
    client.delete_experiment(first)
    assert open_store(uri, "deleted", store / "artifacts")[1] == first
    assert client.get_experiment(first).lifecycle_stage == "active"


def test_a_client_prints_nothing_of_its_own(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"
    monkeypatch.delenv(name, raising=False)
    open_store(f"sqlite:///{store / 'mlflow.db'}", "quiet", store / "artifacts")
    assert os.environ.pop(name) == "true"
    monkeypatch.setenv(name, "false")  # what the user has set stays
    open_store(f"sqlite:///{store / 'mlflow.db'}", "quiet", store / "artifacts")
    assert os.environ[name] == "false"


def test_errors_that_are_told_in_one_line_print_no_traceback(store: Path) -> None:
    open_store(f"sqlite:///{store / 'mlflow.db'}", "quiet", store / "artifacts")
    assert not logging.getLogger("mlflow.store.db.utils").isEnabledFor(logging.ERROR)
