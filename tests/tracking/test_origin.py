"""A run says which revision of the user's work it was started from."""

import subprocess
from pathlib import Path

import pytest

from gensynth.tracking.origin import origin

COMMIT, BRANCH, URL = (f"mlflow.source.git.{name}" for name in ["commit", "branch", "repoURL"])


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def work(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--initial-branch", "trunk")
    (tmp_path / "inside").mkdir()
    (tmp_path / ".gitignore").write_text("ignored/\n")
    (tmp_path / "ignored").mkdir()
    git(tmp_path, "add", ".gitignore")
    git(tmp_path, "commit", "--message", "first")
    git(tmp_path, "remote", "add", "origin", "https://me:secret@example.org/work.git")
    return tmp_path


def test_revision_is_that_of_the_users_repository(work: Path) -> None:
    tags = origin(work / "inside")
    assert tags[COMMIT] == git(work, "rev-parse", "HEAD")
    assert tags[BRANCH] == "trunk"
    assert tags[URL] == "https://example.org/work.git"  # nobody's password


def test_outside_a_repository_there_is_no_revision(
    work: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for folder in [work / "ignored", tmp_path_factory.mktemp("elsewhere")]:
        assert not {COMMIT, BRANCH, URL} & origin(folder).keys()


def test_without_git_and_without_a_user_nothing_is_said(
    work: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    monkeypatch.setitem(__import__("sys").modules, "git", None)  # as where git is not installed
    assert origin(work) == {"mlflow.source.name": "gensynth", "mlflow.source.type": "LOCAL"}
    assert not caplog.messages
