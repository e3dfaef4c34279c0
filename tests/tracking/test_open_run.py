"""A run is opened once, found again, and each network has one nested run."""

from pathlib import Path

import pytest
from mlflow import MlflowClient

from gensynth.run_files import MLFLOW_RUN
from gensynth.tracking.open_run import OpenRun
from gensynth.tracking.store import open_store
from gensynth.tracking.translation import metrics


@pytest.fixture
def opened(store: Path) -> tuple[MlflowClient, str]:
    return open_store(f"sqlite:///{store / 'mlflow.db'}", "open_run", store / "artifacts")


def test_a_folder_leads_back_to_its_run_and_to_the_nested_runs(
    opened: tuple[MlflowClient, str], tmp_path: Path
) -> None:
    assert OpenRun.reopen(*opened, tmp_path) is None
    run = OpenRun.create(*opened, tmp_path, "name", {"seed": 1}, {"inquisitor": "blind"})
    complete, broken_off = run.child("a", "candidate a", 90.0), run.child("b", "candidate b", 0.0)
    assert run.child("a", "another name", 0.0) == complete
    run.client.set_terminated(complete, "FAILED")
    info = run.client.get_run(complete).info
    assert 90 <= (info.end_time - info.start_time) / 1000 < 180  # as long as it took
    again = OpenRun.reopen(*opened, tmp_path)
    assert again is not None
    assert again.id == run.id == (tmp_path / MLFLOW_RUN).read_text().strip()
    assert again.page.startswith(f"/experiments/{again.experiment}/runs/{again.id}?")
    assert again.nested == {"a": complete, "b": broken_off}
    assert again.done == {"a"}


def test_a_store_that_does_not_know_the_run_says_so(
    opened: tuple[MlflowClient, str], tmp_path: Path
) -> None:
    (tmp_path / MLFLOW_RUN).write_text("0123456789abcdef0123456789abcdef\n")
    assert OpenRun.reopen(*opened, tmp_path) is None


def test_a_step_of_a_curve_is_recognised(opened: tuple[MlflowClient, str], tmp_path: Path) -> None:
    run = OpenRun.create(*opened, tmp_path, "name", {}, {})
    first, second = (metrics({"largest_accuracy": 80.0}, {}, step=step)[0] for step in (0, 1))
    assert not run.is_logged(first)
    run.log(run.id, [first])
    assert run.is_logged(first)
    assert not run.is_logged(second)
