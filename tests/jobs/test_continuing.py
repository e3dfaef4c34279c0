"""A run that was killed, interrupted or lost a worker ends with the numbers of one that was not."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gensynth.jobs import places

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]

PATIENCE = 300.0
"""Seconds; processes on a busy machine take long to import torch."""
WORKERS = ("executor=workers", "executor.workers=2", "executor.threads=1")

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    return tmp_path / "outputs"


@pytest.fixture
def start(outputs: Path, tiny: tuple[str, ...]) -> Iterator[Start]:
    """Starts `gensynth` with the finished run's settings, as a terminal would, on one core.

    On one core the prototype is trained with one thread, however many workers there are.
    """
    started: list[subprocess.Popen[str]] = []
    settings = [word for word in tiny if not word.startswith(("executor", "tracking"))]
    core = min(os.sched_getaffinity(0))

    def begin(*words: str) -> "subprocess.Popen[str]":
        given = words if words[0].startswith("resume") else (*settings, "tracking=none", *words)
        process = subprocess.Popen(
            [sys.executable, "-m", "gensynth", *given],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, places.OUTPUTS: str(outputs)},
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def finish(process: "subprocess.Popen[str]") -> tuple[str, str]:
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    return out, err


def wait_until(happened: Callable[[], Any], process: "subprocess.Popen[str]") -> None:
    began = time.monotonic()
    while not happened():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() - began < PATIENCE
        time.sleep(0.01)


def run_folder(outputs: Path) -> Path:
    (folder,) = (outputs / "runs").iterdir()
    return folder


def journal(outputs: Path) -> list[dict[str, Any]]:
    """Return the evaluations, without their time, by key."""
    found = []
    for path in outputs.glob("runs/*/evaluations.jsonl"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        found += [json.loads(line) | {"seconds": 0} for line in lines if line.endswith("\n")]
    return sorted(found, key=lambda one: str(one["key"]))


def result(folder: Path) -> Any:
    return json.loads((folder / "result.json").read_text(encoding="utf-8"))


def workers_of(process: "subprocess.Popen[str]") -> list[int]:
    """Return the worker processes of a run."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = re.search(r"^PPid:\s*(\d+)", (path / "status").read_text(), re.MULTILINE)
            command = (path / "cmdline").read_bytes()
        except OSError:
            continue  # it ended while we looked
        if parent and int(parent[1]) == process.pid and b"spawn_main" in command:
            found.append(int(path.name))
    return found


def assert_equal_runs(outputs: Path, finished: Path) -> None:
    assert result(run_folder(outputs)) == result(finished)
    assert journal(outputs) == journal(finished.parents[1])


def test_workers_give_the_numbers_of_one_process_also_when_one_of_them_is_killed(
    start: Start, outputs: Path, finished: Path
) -> None:
    process = start(*WORKERS)
    wait_until(lambda: journal(outputs), process)
    os.kill(workers_of(process)[0], signal.SIGKILL)
    finish(process)
    assert_equal_runs(outputs, finished)


@pytest.mark.parametrize("executor", [("executor=this_process", "executor.threads=1"), WORKERS])
def test_a_run_killed_in_the_middle_of_a_candidate_is_continued_to_the_same_numbers(
    start: Start, outputs: Path, finished: Path, executor: tuple[str, ...]
) -> None:
    process = start(*executor)
    wait_until(lambda: journal(outputs), process)
    workers = workers_of(process)
    process.kill()
    process.communicate()
    assert 1 <= len(journal(outputs)) < len(journal(finished.parents[1]))
    assert not (run_folder(outputs) / "result.json").exists()
    out, _ = finish(start("resume=last"))
    assert "trained before" in out
    assert_equal_runs(outputs, finished)
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def test_ctrl_c_says_how_to_continue_and_continuing_gives_the_same_numbers(
    start: Start, outputs: Path, finished: Path
) -> None:
    process = start(*WORKERS)
    wait_until(lambda: journal(outputs), process)
    workers = workers_of(process)
    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to every process of the group
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    (line,) = err.strip().splitlines()
    assert line.startswith("gensynth: interrupted; continue with: gensynth synthesize resume=")
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    finish(start(line.split()[-1]))
    assert_equal_runs(outputs, finished)
