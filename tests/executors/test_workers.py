"""Workers compute with their threads, may die, and never outlive the run."""

import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from gensynth.evaluation import Evaluator, Job
from gensynth.executors.workers import Workers, _death
from gensynth.network.hardware import available_cores, detect_device
from gensynth.records import Evaluation

StandIn = Callable[..., Evaluator]
PATIENCE = 120.0
"""Seconds; a process on a busy machine takes long to import torch."""


@pytest.fixture
def workers() -> Iterator[Workers]:
    with closing(Workers(workers=2, threads=1, launcher_jobs=1)) as made:
        yield made


def in_order(evaluations: Iterator[Evaluation]) -> list[Evaluation]:
    return sorted(evaluations, key=lambda e: e.candidate.index)


def wait_until(happened: Callable[[], bool]) -> None:
    start = time.monotonic()
    while not happened():
        assert time.monotonic() - start < PATIENCE
        time.sleep(0.05)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_cores_are_shared_out() -> None:
    expected = 1 if detect_device().type == "cuda" else available_cores()
    assert Workers(workers=None, threads=None, launcher_jobs=1).workers == expected
    assert Workers(workers=None, threads=None, launcher_jobs=10_000).workers == 1
    assert Workers(workers=1, threads=None, launcher_jobs=1).threads == available_cores()
    assert Workers(workers=10_000, threads=None, launcher_jobs=1).threads == 1


def test_closing_what_was_never_used_is_harmless() -> None:
    Workers(workers=2, threads=1, launcher_jobs=1).close()


@pytest.mark.slow
def test_threads_are_set_before_torch_loads_and_only_there(
    workers: Workers, stand_in: StandIn, jobs: Sequence[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    found = in_order(workers.evaluate(stand_in(), jobs))
    assert {e.measurements["omp"] for e in found} == {1.0}
    assert {e.measurements["loud"] for e in found} == {0.0}
    assert os.getpid() not in {e.measurements["process"] for e in found}
    assert os.environ["OMP_NUM_THREADS"] == "7"


@pytest.mark.slow
def test_a_job_whose_worker_died_once_is_done_again(
    workers: Workers, stand_in: StandIn, jobs: Sequence[Job]
) -> None:
    found = in_order(workers.evaluate(stand_in(deaths={1: 1}), jobs))
    assert [e.status for e in found] == ["completed"] * 4


@pytest.mark.slow
def test_a_job_whose_worker_dies_again_is_a_failure_and_the_others_go_on(
    workers: Workers, stand_in: StandIn, jobs: Sequence[Job]
) -> None:
    evaluator = stand_in(deaths={2: 99})
    for _ in range(2):  # and the executor is as good as new
        found = in_order(workers.evaluate(evaluator, jobs))
        assert [e.status for e in found] == ["completed", "completed", "failed", "completed"]
        assert "(SIGKILL), probably because memory ran out" in found[2].cause


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (signal.SIGKILL, "was killed (SIGKILL), probably because memory ran out"),
        (signal.SIGABRT, "died (SIGABRT)"),
        (signal.SIGTERM, "died (exit status [-15])"),
    ],
)
def test_what_ended_a_worker_is_said(ends: signal.Signals, said: str) -> None:
    process = multiprocessing.get_context("spawn").Process(target=time.sleep, args=[PATIENCE])
    process.start()
    assert process.pid is not None
    os.kill(process.pid, ends)
    assert _death([process]) == f"the worker process {said}"


@pytest.mark.slow
def test_closing_ends_workers_in_the_middle_of_a_job_and_nobody_else(
    workers: Workers, stand_in: StandIn, jobs: Sequence[Job], tmp_path: Path
) -> None:
    other = multiprocessing.get_context("spawn").Process(target=time.sleep, args=[PATIENCE])
    other.start()
    evaluator = stand_in(pause=10 * PATIENCE)
    for job in jobs:
        workers._submit(evaluator, job)
    wait_until(lambda: len(list(tmp_path.glob("*.worker"))) == 2)
    processes = [int(path.stem) for path in tmp_path.glob("*.worker")]
    assert all(alive(process) for process in processes)
    workers.close()
    wait_until(lambda: not any(alive(process) for process in processes))
    assert other.is_alive()
    other.kill()
    other.join()


RUN = """
import signal
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from gensynth.evaluation import Job
from gensynth.executors.workers import Workers
from gensynth.records import Candidate
from gensynth_stand_in import StandIn
if __name__ == "__main__":
    signal.signal(signal.SIGHUP, signal.default_int_handler)  # as the command line
    jobs = [Job(Candidate(0, i, i, (i,), "d"), "short", "search") for i in range(2)]
    executor = Workers(workers=2, threads=1, launcher_jobs=1)
    try:
        list(executor.evaluate(StandIn({}, Path(sys.argv[1]), 600.0), jobs))
    except KeyboardInterrupt:
        executor.close()
        print("interrupted")
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGHUP])
def test_workers_end_with_their_parent_and_without_noise(
    stand_in: StandIn, tmp_path: Path, number: signal.Signals
) -> None:
    script = tmp_path / "run.py"
    script.write_text(RUN, encoding="utf-8")
    command = [sys.executable, str(script), str(tmp_path)]
    parent = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    wait_until(lambda: len(list(tmp_path.glob("*.worker"))) == 2)
    processes = [int(path.stem) for path in tmp_path.glob("*.worker")]
    if number != signal.SIGKILL:
        os.killpg(parent.pid, number)  # as a terminal does
        out, err = parent.communicate(timeout=PATIENCE)
        assert out == "interrupted\n"
        assert not err or number == signal.SIGHUP  # nobody reads what a closed terminal is told
    else:
        parent.kill()
        parent.communicate(timeout=PATIENCE)
    wait_until(lambda: not any(alive(process) for process in processes))


CALLS = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from gensynth.evaluation import Job
from gensynth.executors.workers import Workers
from gensynth.records import Candidate
from gensynth_stand_in import StandIn
print("once")
executor = Workers(workers=2, threads=1, launcher_jobs=1)
jobs = [Job(Candidate(0, i, i, (i,), "d"), "short", "search") for i in range(2)]
print(*(e.status for e in executor.evaluate(StandIn({}, Path(sys.argv[1])), jobs)))
executor.close()
"""


@pytest.mark.slow
def test_a_script_that_starts_workers_is_not_run_by_them(stand_in: StandIn, tmp_path: Path) -> None:
    script = tmp_path / "calls.py"
    script.write_text(CALLS, encoding="utf-8")
    command = [sys.executable, str(script), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert done.stdout == "once\ncompleted completed\n"


@pytest.mark.slow
def test_a_launcher_s_own_way_of_starting_processes_is_no_hindrance(
    workers: Workers, stand_in: StandIn, jobs: Sequence[Job]
) -> None:
    importlib.import_module("joblib.externals.loky.backend")  # registers its start method
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method("loky", force=True)
    try:
        found = list(workers.evaluate(stand_in(), jobs[:1]))
        assert multiprocessing.get_start_method() == "loky"
    finally:
        multiprocessing.set_start_method(before, force=True)
    assert [e.status for e in found] == ["completed"]


@pytest.mark.slow
def test_nothing_is_left_of_the_evaluator_s_pickle(
    workers: Workers, stand_in: StandIn, jobs: Sequence[Job], tmp_path: Path
) -> None:
    list(workers.evaluate(stand_in(), jobs[:1]))
    assert len(list(tmp_path.glob("*.pickle"))) == 1
    workers.close()
    assert not list(tmp_path.glob("*.pickle"))
