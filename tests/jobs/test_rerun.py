"""A run that is repeated ends with the same figures, from its folder or from the store alone."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gensynth.jobs import runs
from gensynth.run_files import ENVIRONMENT, JOURNAL, RESULT, SAVED
from gensynth.tracking.store import open_store

Command = Callable[..., Any]


def newest(outputs: Path, *but: Path) -> Path:
    """Return the run that was made last, other than the given ones and those of the job itself."""
    runs = [path.parent for path in (outputs / "runs").glob(f"*/{JOURNAL}")]
    (found,) = set(runs) - set(but)
    return found


def result(folder: Path) -> Any:
    return json.loads((folder / RESULT).read_text())


def test_every_figure_is_the_same(copied: Path, command: Command) -> None:
    outputs = copied.parents[1]
    shutil.rmtree(outputs / "prototypes")  # that too is done again
    shutil.rmtree(outputs / "teachers", ignore_errors=True)
    done = command(outputs, "rerun")
    assert done.status == 0, done.err
    again = newest(outputs, copied)
    assert result(again) == result(copied)
    assert (again / ENVIRONMENT).read_bytes() == (copied / ENVIRONMENT).read_bytes()
    assert f"every figure is the same as in {copied / RESULT}" in done.out


@pytest.mark.slow
def test_the_store_is_enough(copied: Path, command: Command, tmp_path: Path) -> None:
    outputs, uri = copied.parents[1], f"sqlite:///{tmp_path / 'mlflow.db'}"
    client, experiment = open_store(uri, "test", tmp_path / "artifacts")
    run = client.create_run(experiment).info.run_id
    client.log_artifact(run, str(copied / SAVED))
    kept = Path(shutil.move(copied, tmp_path / "kept"))
    words = ["rerun", f"run={run}", f"uri={uri}"]
    done = command(outputs, *words)
    assert done.status == 1
    (line,) = done.err.strip().splitlines()
    assert "no synthesize run" in line
    assert f"holds no {ENVIRONMENT}" in line
    client.log_artifact(run, str(kept / ENVIRONMENT))
    client.log_artifact(run, str(kept / RESULT))
    done = command(outputs, *words)
    assert done.status == 0, done.err
    assert result(newest(outputs)) == result(kept)
    assert "every figure is the same" in done.out


@pytest.mark.slow
def test_other_figures_are_told(copied: Path, command: Command) -> None:
    changed = result(copied)
    changed["rows"][0]["measurements"]["accuracy"] = 1.0
    (copied / RESULT).write_text(json.dumps(changed))
    done = command(copied.parents[1], "rerun")
    assert done.status == 0, done.err
    assert f"other figures than in {copied / RESULT}: prototype (confirm)" in done.out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["run=nowhere"], "no synthesize run 'nowhere'"),
        ([f"run={'0' * 32}"], "there is no MLflow store"),
    ],
)
def test_a_run_that_nobody_knows_is_refused(
    command: Command, tmp_path: Path, words: list[str], complaint: str
) -> None:
    done = command(tmp_path / "outputs", "rerun", *words)
    assert done.status == 1
    (line,) = done.err.strip().splitlines()
    assert complaint in line


def test_a_run_that_would_be_another_today_is_refused(copied: Path, command: Command) -> None:
    record = json.loads((copied / SAVED).read_text())
    record["config"]["training"]["batch_size"] = 77
    (copied / SAVED).write_text(json.dumps(record))
    done = command(copied.parents[1], "rerun")
    assert done.status == 1
    (line,) = done.err.strip().splitlines()
    assert "training.batch_size was 77, is " in line
    assert runs.find_run("last") == copied  # what was refused is no run
    (copied / ENVIRONMENT).unlink()
    done = command(copied.parents[1], "rerun")
    assert done.status == 1
    assert "the run never began" in done.err
