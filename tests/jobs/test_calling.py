"""A job called from Python is the command line's, in a process that stays as it was."""

import logging
import os
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig

from gensynth.errors import ConfigurationError, DataError
from gensynth.jobs import places, runs
from gensynth.jobs.calling import call
from gensynth.jobs.compatibility import VERSION

Job = Callable[[Any, Path], float]
Bodies = Callable[[Job], None]
log = logging.getLogger("gensynth.test")


@pytest.fixture
def body(outputs: Path, monkeypatch: pytest.MonkeyPatch) -> Bodies:
    """Let a function stand in for what every job does."""

    def put(run: Job) -> None:
        module = types.ModuleType("a_job")
        module.run = run  # type: ignore[attr-defined]
        for name in places.job_names():
            monkeypatch.setitem(sys.modules, f"gensynth.jobs.{name}", module)

    return put


def test_overrides_and_settings_mean_what_they_mean_on_the_command_line(
    body: Bodies, outputs: Path
) -> None:
    seen: list[Any] = []

    def note(cfg: Any, folder: Path) -> float:
        seen.append((cfg, folder))
        return 2.5

    body(note)
    dotted = {"requirements.macs.at_most": 2e6, "inquisitor": "random"}
    done = call("synthesize", ["data=digits", "cycles=4"], {"seed": 3, **dotted})
    ((cfg, folder),) = seen
    assert (done.job, done.folder, done.score) == ("synthesize", folder, 2.5)
    assert folder.parent == outputs / "runs"
    assert (cfg.cycles, cfg.seed, cfg.requirements.macs.at_most) == (4, 3, 2e6)
    saved = runs.Saved.read(folder)
    assert saved.choices["inquisitor"] == "random"
    assert saved.overrides[:3] == ("data=digits", "cycles=4", "seed=3")
    assert call("synthesize", [], {}).folder != folder


def test_the_process_is_as_it_was(
    body: Bodies,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GOMP_SPINCOUNT", "2000")  # what libraries read when they load stays set

    def speak(cfg: Any, folder: Path) -> float:
        assert os.environ[places.DATA] == str(tmp_path / "elsewhere")
        log.info("at work")
        return 0.0

    body(speak)
    root = logging.getLogger()
    own = logging.FileHandler(tmp_path / "own.log", mode="w")
    root.addHandler(own)
    try:
        before = [root.handlers[:], root.level, dict(os.environ), sys.argv[:]]
        done = call("synthesize", [], {"data_dir": tmp_path / "elsewhere", "data": "digits"})
        assert [root.handlers[:], root.level, dict(os.environ), sys.argv[:]] == before
        root.error("still heard")
    finally:
        root.removeHandler(own)
        own.close()
    assert capsys.readouterr().out == "at work\n"
    assert (tmp_path / "own.log").read_text() == "still heard\n"
    (line,) = (done.folder / "gensynth.log").read_text().splitlines()
    assert line.endswith("INFO gensynth.test: at work")
    assert not GlobalHydra.instance().is_initialized()
    assert not HydraConfig.initialized()


def test_a_program_with_a_hydra_of_its_own_keeps_it(body: Bodies) -> None:
    body(lambda cfg, folder: 0.0)
    with initialize_config_dir(str(places.conf()), **VERSION):
        own = GlobalHydra.instance().hydra
        call("synthesize", [], {})
        assert GlobalHydra.instance().hydra is own


@pytest.mark.parametrize(
    ("overrides", "hint"),
    [
        (["sed=1"], "did you mean seed?"),
        (["inquisitor=blnd"], "did you mean inquisitor=blind?"),
        (["seed=abc"], "seed='abc' must be a whole number"),
        (["seed=[1"], r"seed=\[1 cannot be read"),
        (["seed=${nowhere}"], "nowhere"),
        (["seed=0,1"], "--multirun"),
        (["resume=nonsense"], "no synthesize run 'nonsense'"),
        (["--config-dir", "/does/not/exist"], "/does/not/exist"),
        (["-m", "seed=0,1"], "-m is for the command line"),
        (["--help"], "--help is for the command line"),
    ],
)
def test_what_a_user_gets_wrong_is_raised_and_nothing_is_printed(
    body: Bodies, capfd: pytest.CaptureFixture[str], overrides: list[str], hint: str
) -> None:
    body(lambda cfg, folder: 0.0)
    with pytest.raises(ConfigurationError, match=hint):
        call("synthesize", overrides, {})
    assert capfd.readouterr() == ("", "")
    assert not GlobalHydra.instance().is_initialized()
    assert not HydraConfig.initialized()


def test_an_unknown_job_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no job 'dance'"):
        call("dance", [], {})


@pytest.mark.parametrize("error", [DataError("nothing there"), ZeroDivisionError("a bug")])
def test_errors_of_the_job_are_raised_as_they_are(
    body: Bodies, capfd: pytest.CaptureFixture[str], error: Exception
) -> None:
    def fail(cfg: Any, folder: Path) -> float:
        raise error

    body(fail)
    with pytest.raises(type(error)) as found:
        call("synthesize", [], {"data": "digits"})
    assert found.value is error
    assert capfd.readouterr() == ("", "")


def test_interrupted_work_can_be_continued(
    body: Bodies, capsys: pytest.CaptureFixture[str]
) -> None:
    folders: list[Path] = []

    def stop(cfg: Any, folder: Path) -> float:
        folders.append(folder)
        if len(folders) == 1:
            raise KeyboardInterrupt
        return 1.0

    body(stop)
    with pytest.raises(KeyboardInterrupt):
        call("synthesize", [], {"seed": 3})
    (log,) = folders[0].glob("*.log")
    assert "ended by KeyboardInterrupt" in log.read_text(encoding="utf-8")
    advice = capsys.readouterr().out.splitlines()[-1].rpartition("resume=")[2]
    assert call("synthesize", [], {"resume": advice}).folder == folders[0] == folders[1]
    with pytest.raises(ConfigurationError, match="seed=4 contradicts the saved seed=3"):
        call("synthesize", ["resume=last"], {"seed": 4})


def test_options_of_one_s_own_are_found(body: Bodies, tmp_path: Path) -> None:
    seen: list[int] = []

    def note(cfg: Any, folder: Path) -> float:
        seen.append(cfg.cycles)
        return 0.0

    body(note)
    own = tmp_path / "mine" / "experiment"
    own.mkdir(parents=True)
    (own / "short.yaml").write_text("# @package _global_\ncycles: 7\n", encoding="utf-8")
    call("synthesize", ["--config-dir", str(own.parent), "experiment=short"], {})
    call("synthesize", ["resume=last"], {})
    assert seen == [7, 7]
