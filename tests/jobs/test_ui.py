"""MLflow's pages are opened on the right store, or it is said where they are."""

import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that this process would have become."""
    found: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda path, words: found.append([path, *words]))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return found


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield int(listening.getsockname()[1])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_store_of_the_runs_is_shown(
    command: Command, tmp_path: Path, became: list[list[str]]
) -> None:
    outputs, port = tmp_path / "outputs", free_port()
    outputs.mkdir()
    (outputs / "mlflow.db").touch()
    done = command(outputs, "ui", f"port={port}")
    assert done.status == 0, done.err
    uri = f"sqlite:///{outputs / 'mlflow.db'}"
    place = ["--host", "127.0.0.1", "--port", str(port)]
    words = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", uri, *place]
    assert became == [[sys.executable, *words]]
    assert f"http://127.0.0.1:{port} shows {uri}" in done.out
    assert not list((outputs / "runs").iterdir())


@pytest.mark.parametrize(
    ("uri", "there"),
    [("https://mlflow.example.org", "at https://mlflow.example.org"), ("databricks", "Databricks")],
)
def test_of_a_server_is_said_where_to_look(
    command: Command, tmp_path: Path, became: list[list[str]], uri: str, there: str
) -> None:
    done = command(tmp_path / "outputs", "ui", f"uri={uri}")
    assert done.status == 0, done.err
    assert there in done.out
    assert not became


def test_what_cannot_be_shown_is_said_in_one_line(
    command: Command, tmp_path: Path, became: list[list[str]], taken: int
) -> None:
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    for words, complaint in [
        ([], "there is no such file yet"),
        (["uri=file:///tmp", f"port={taken}"], f"choose another, such as port={taken + 1}"),
        (["uri=file:///tmp", "port=70000"], "port=70000 must be from 1 to 65535"),
    ]:
        done = command(outputs, "ui", *words)
        assert done.status == 1
        (line,) = done.err.strip().splitlines()
        assert complaint in line
    assert not became
