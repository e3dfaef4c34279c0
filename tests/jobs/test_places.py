"""Folders are absolute, names are unique, and cores are shared with the other jobs of a sweep."""

import os
from pathlib import Path

import pytest

from gensynth.errors import ConfigurationError
from gensynth.jobs import places


def test_every_primary_configuration_is_a_job() -> None:
    assert {"synthesize", "generate", "evaluate"} <= set(places.job_names())


def test_run_names_are_unique_and_sort_by_time() -> None:
    names = [places.unique_name() for _ in range(200)]
    assert len(set(names)) == 200
    assert [name[:19] for name in names] == sorted(name[:19] for name in names)


def test_folders_become_absolute_for_this_and_child_processes(
    outputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(places.OUTPUTS, "here")
    places.fix("there", create=True)
    assert os.environ[places.OUTPUTS] == str(tmp_path / "here")
    assert places.data() == tmp_path / "there"
    assert (tmp_path / "here" / "runs").is_dir()
    assert places.mlflow_uri() == f"sqlite:///{tmp_path}/here/mlflow.db"


def test_outputs_that_cannot_be_made_are_an_error_with_advice(
    outputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(places.OUTPUTS, str(tmp_path / "file"))
    with pytest.raises(ConfigurationError, match=places.OUTPUTS):
        places.fix(None, create=True)


def test_tracking_uri_of_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://there:5000")
    assert places.mlflow_uri() == "http://there:5000"


def test_a_single_run_shares_with_nobody() -> None:
    assert places.launcher_jobs() == 1
