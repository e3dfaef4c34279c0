"""Runs are found by folder, by MLflow id, and as the last one."""

import os
from pathlib import Path

import pytest

from gensynth.errors import ConfigurationError, DataError
from gensynth.jobs.runs import Saved, alone, find_run, recorded
from gensynth.run_files import MLFLOW_RUN, SAVED


def saved(job: str = "synthesize") -> Saved:
    return Saved(job, ("seed=1",), {"data": "digits"}, {"seed": 1}, "")


def add(outputs: Path, name: str, age_seconds: int, job: str = "synthesize") -> Path:
    folder = outputs / "runs" / name
    folder.mkdir(parents=True)
    saved(job).write(folder)
    os.utime(folder / SAVED, (1_700_000_000 - age_seconds,) * 2)
    return folder


def test_record_survives_the_disk(tmp_path: Path) -> None:
    saved().write(tmp_path)
    assert Saved.read(tmp_path) == saved()
    assert [path.name for path in tmp_path.iterdir()] == [SAVED]


def test_damaged_record_is_named(tmp_path: Path) -> None:
    (tmp_path / SAVED).write_text('{"job": "synthesize"')
    with pytest.raises(DataError, match=SAVED):
        Saved.read(tmp_path)


def test_last_is_the_run_of_that_job_started_last(outputs: Path) -> None:
    add(outputs, "old", 20)
    newest = add(outputs, "sweep/3", 10)
    add(outputs, "other", 0, job="generate")
    assert find_run("last") == newest
    assert find_run("last", "generate").name == "other"


def test_a_damaged_record_hides_its_own_run_only(
    outputs: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good, damaged = add(outputs, "good", 10), add(outputs, "damaged", 0)
    (damaged / SAVED).write_text("{")
    assert find_run("last") == good
    assert f"{damaged / SAVED} is damaged" in caplog.text
    (good / MLFLOW_RUN).write_text("abc123\n")
    assert find_run("abc123") == good
    with pytest.raises(ConfigurationError, match="the latest are good"):
        find_run("nobody")
    with pytest.raises(DataError, match="damaged"):  # asked for by name, it is not passed over
        Saved.read(find_run("damaged"))


def test_a_run_in_use_is_refused_in_one_line_and_free_again_afterwards(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(ConfigurationError, match="in use by another process"):
        alone(tmp_path).__enter__()
    with alone(tmp_path):
        pass


def test_every_way_to_name_a_run_finds_it(outputs: Path) -> None:
    folder = add(outputs, "sweep/3", 10)
    add(outputs, "new", 0)
    (folder / MLFLOW_RUN).write_text("abc123\n")
    for name in ["sweep/3", str(folder), "abc123"]:
        assert find_run(name) == folder


def test_unknown_run_names_the_latest(outputs: Path) -> None:
    with pytest.raises(ConfigurationError, match="none yet"):
        find_run("last")
    add(outputs, "one", 0)
    with pytest.raises(ConfigurationError, match="the latest are one"):
        find_run("two")


def test_a_named_run_of_another_job_is_refused(outputs: Path) -> None:
    folder = add(outputs, "measured", 0, job="evaluate")
    with pytest.raises(ConfigurationError, match="is a run of evaluate, wanted is one of synth"):
        find_run("measured")
    assert find_run("measured", "evaluate") == folder


@pytest.mark.parametrize(("made", "kept"), [(".lock", False), ("journal.jsonl", True)])
def test_a_run_refused_before_it_began_is_no_run(outputs: Path, made: str, kept: bool) -> None:
    folder = outputs / "runs" / "one"
    folder.mkdir(parents=True)

    def refused() -> None:
        with recorded(saved(), folder):
            assert find_run("last") == folder  # a kill from now on leaves a run that can go on
            (folder / "gensynth.log").touch()
            (folder / made).touch()
            raise ConfigurationError("so it is not")

    with pytest.raises(ConfigurationError):
        refused()
    assert (folder / SAVED).exists() == kept


def test_a_run_that_is_continued_stays_one_when_it_is_refused(outputs: Path) -> None:
    folder = add(outputs, "one", 0)
    with pytest.raises(ConfigurationError), recorded(saved(), folder):
        raise ConfigurationError("started elsewhere")
    assert find_run("last") == folder
