"""What a store holds of a run is brought here; what it does not hold is said."""

from pathlib import Path

import pytest

from gensynth.errors import ConfigurationError
from gensynth.tracking.fetching import fetch
from gensynth.tracking.store import open_store


@pytest.fixture
def uri(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'mlflow.db'}"


@pytest.fixture
def run(uri: str, tmp_path: Path) -> str:
    client, experiment = open_store(uri, "test", tmp_path / "artifacts")
    created = str(client.create_run(experiment).info.run_id)
    client.log_text(created, "one", "one.json")
    client.log_text(created, "two", "two.json")
    return created


def test_named_files_come_and_no_others(uri: str, run: str, tmp_path: Path) -> None:
    fetch(uri, run, ["one.json"], tmp_path / "here")
    assert [path.read_text() for path in (tmp_path / "here").iterdir()] == ["one"]
    fetch(uri, run, ["one.json"], tmp_path / "there", others=["two.json", "three.json"])
    assert sorted(path.read_text() for path in (tmp_path / "there").iterdir()) == ["one", "two"]


def test_what_is_not_there_is_said(uri: str, run: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"holds no three\.json and no four\.json"):
        fetch(uri, run, ["one.json", "three.json", "four.json"], tmp_path / "here")
    with pytest.raises(ConfigurationError, match="has no run 0123"):
        fetch(uri, "0123", ["one.json"], tmp_path / "here")
    assert not (tmp_path / "here").exists()
    (tmp_path / "artifacts" / "test" / run / "artifacts" / "one.json").unlink()
    with pytest.raises(ConfigurationError, match=r"holds no one\.json"):
        fetch(uri, run, ["one.json"], tmp_path / "here")


def test_asking_makes_no_store(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no MLflow store"):
        fetch(f"sqlite:///{tmp_path / 'none.db'}", "0123", ["one.json"], tmp_path / "here")
    assert not list(tmp_path.iterdir())
