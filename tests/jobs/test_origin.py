"""A run says which revision of the user's work it was started from."""

import subprocess
from pathlib import Path

import pytest

from gensynth.jobs.origin import origin


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def work(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--initial-branch", "trunk")
    (tmp_path / ".gitignore").write_text("ignored/\n")
    for name in ["inside", "ignored"]:
        (tmp_path / name).mkdir()
    git(tmp_path, "add", ".gitignore")
    git(tmp_path, "commit", "--message", "first")
    git(tmp_path, "remote", "add", "origin", "https://me:secret@example.org/work.git")
    return tmp_path


def test_revision_is_that_of_the_users_repository(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "me")
    commit = git(work, "rev-parse", "HEAD")
    assert origin(work / "inside") == {
        "user": "me",
        "git_commit": commit,
        "git_branch": "trunk",
        "git_repository": "https://example.org/work.git",  # nobody's password
    }
    git(work, "checkout", "--detach")
    assert "git_branch" not in origin(work)
    assert origin(work)["git_commit"] == commit


def test_outside_a_repository_there_is_no_revision(
    work: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for folder in [work / "ignored", tmp_path_factory.mktemp("elsewhere")]:
        assert not {"git_commit", "git_branch", "git_repository"} & origin(folder).keys()


def test_where_there_is_neither_git_nor_a_user_nothing_is_said(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    monkeypatch.setenv("PATH", "")
    assert origin(work) == {}
