"""Runs are found by folder, by MLflow id, and as the last one."""

import os
from pathlib import Path

import pytest

from gensynth.errors import ConfigurationError, DataError
from gensynth.jobs.runs import RECORD, Saved, find_run
from gensynth.tracking.open_run import NOTE


def saved(job: str = "synthesize") -> Saved:
    return Saved(job, ("seed=1",), {"data": "digits"}, {"seed": 1}, "")


def add(outputs: Path, name: str, age_seconds: int, job: str = "synthesize") -> Path:
    folder = outputs / "runs" / name
    folder.mkdir(parents=True)
    saved(job).write(folder)
    os.utime(folder / RECORD, (1_700_000_000 - age_seconds,) * 2)
    return folder


def test_record_survives_the_disk(tmp_path: Path) -> None:
    saved().write(tmp_path)
    assert Saved.read(tmp_path) == saved()
    assert [path.name for path in tmp_path.iterdir()] == [RECORD]


def test_damaged_record_is_named(tmp_path: Path) -> None:
    (tmp_path / RECORD).write_text('{"job": "synthesize"')
    with pytest.raises(DataError, match=RECORD):
        Saved.read(tmp_path)


def test_last_is_the_run_of_that_job_started_last(outputs: Path) -> None:
    add(outputs, "old", 20)
    newest = add(outputs, "sweep/3", 10)
    add(outputs, "other", 0, job="generate")
    assert find_run("last") == newest
    assert find_run("last", "generate").name == "other"


def test_every_way_to_name_a_run_finds_it(outputs: Path) -> None:
    folder = add(outputs, "sweep/3", 10)
    add(outputs, "new", 0)
    (folder / NOTE).write_text("abc123\n")
    for name in ["sweep/3", str(folder), "abc123"]:
        assert find_run(name) == folder


def test_unknown_run_names_the_latest(outputs: Path) -> None:
    with pytest.raises(ConfigurationError, match="none yet"):
        find_run("last")
    add(outputs, "one", 0)
    with pytest.raises(ConfigurationError, match="the latest are one"):
        find_run("two")
