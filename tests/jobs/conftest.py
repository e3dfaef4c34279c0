"""Running the command line in this process, with a job that does what a test wants or for real."""

import logging
import os
import shutil
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig

from gensynth.jobs import entry, places

Job = Callable[[Any, Path], float]


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for everything the test's runs leave behind."""
    for name in [places.OUTPUTS, places.DATA, "HYDRA_FULL_ERROR", entry.FULL_ERROR]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(places.OUTPUTS, str(tmp_path / "outputs"))
    monkeypatch.setenv(places.DATA, str(tmp_path / "data"))
    return tmp_path / "outputs"


@pytest.fixture
def _restored() -> Iterator[None]:
    with _restoring():
        yield


@contextmanager
def _restoring() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, threads = root.handlers[:], root.level, torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    for handler in root.handlers[:]:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    GlobalHydra.instance().clear()
    HydraConfig.instance().cfg = None


@pytest.fixture
def gensynth(
    outputs: Path,
    _restored: None,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Callable[..., Result]:
    """Run `gensynth *words`; `run` stands in for the job's body and gets (cfg, folder)."""

    def call(*words: str, run: Job = lambda cfg, folder: 0.0) -> Result:
        body = types.ModuleType("a_job")
        body.run = run  # type: ignore[attr-defined]
        for name in places.job_names():
            monkeypatch.setitem(sys.modules, f"gensynth.jobs.{name}", body)
        monkeypatch.setattr(sys, "argv", ["gensynth", *words])
        status = 0
        try:
            entry.main()
        except SystemExit as end:
            status = int(end.code or 0)
        finally:
            for name in ["HYDRA_FULL_ERROR", entry.FULL_ERROR]:
                os.environ.pop(name, None)
        captured = capfd.readouterr()
        return Result(status, captured.out, captured.err)

    return call


TINY = (
    "experiment=tiny",
    "executor=this_process",
    "executor.threads=1",
    "training.progress=false",
    "long_networks=1",
    "tracking=none",
    "tracking._target_=gensynth_noting.Noting",
)
"""A synthesis of seconds, noted in a file."""

NOTING = """
import json
from gensynth.tracking.tracker import Tracker

class Noting(Tracker):
    def start(self, folder, name, config, tags):
        self.path = folder / "noted.jsonl"
        self.write("start", name, config["training"]["precision"], tags)
    def write(self, *what):
        with self.path.open("a") as file:
            file.write(json.dumps(what) + "\\n")
    def note(self, note):
        self.write(type(note).__name__)
    def close(self):
        self.write("close")
        return 0
"""


def _main(outputs: Path, words: tuple[str, ...], patch: pytest.MonkeyPatch) -> int:
    helpers = outputs.parent / "helpers"
    helpers.mkdir(exist_ok=True)
    (helpers / "gensynth_noting.py").write_text(NOTING, encoding="utf-8")
    patch.syspath_prepend(str(helpers))
    patch.setenv(places.OUTPUTS, str(outputs))
    patch.setenv(places.DATA, str(outputs / "no_data"))
    patch.setattr(sys, "argv", ["gensynth", *words])
    try:
        entry.main()
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        for name in ["HYDRA_FULL_ERROR", entry.FULL_ERROR]:
            os.environ.pop(name, None)
    return 0


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of one tiny synthesis that came to its end; look, but write nothing there."""
    outputs = tmp_path_factory.mktemp("finished") / "outputs"
    with _restoring(), pytest.MonkeyPatch.context() as patch:
        assert _main(outputs, TINY, patch) == 0
    (folder,) = (outputs / "runs").iterdir()
    return folder


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    """The same run in outputs of the test's own, caches included."""
    shutil.copytree(finished.parents[1], tmp_path / "outputs")
    return tmp_path / "outputs" / "runs" / finished.name


@pytest.fixture
def command(
    _restored: None, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Result]:
    """Run `gensynth *words` for real, with outputs in a folder."""

    def call(outputs: Path, *words: str) -> Result:
        status = _main(outputs, words, monkeypatch)
        captured = capfd.readouterr()
        return Result(status, captured.out, captured.err)

    return call


@pytest.fixture
def tiny() -> tuple[str, ...]:
    """Overrides of the finished run."""
    return TINY
