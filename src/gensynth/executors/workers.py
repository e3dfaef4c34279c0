"""Evaluate candidates in worker processes, each with its threads set before it computes."""

import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import final

import torch

from gensynth.evaluation import Evaluator, Job
from gensynth.executors.executor import Executor, at_least_one
from gensynth.executors.starting import main_kept, starting
from gensynth.network.hardware import detect_device, keep_freed_memory, threads_per_process
from gensynth.records import Evaluation
from gensynth.run_files import PROGRESS

DYING_SECONDS = 5.0
"""How long a process whose pipe has broken may take to end."""

_evaluator: Evaluator


def _start(pickled: Path, threads: int) -> None:
    global _evaluator
    end_with_parent()
    torch.set_num_threads(threads)
    keep_freed_memory()
    _evaluator = pickle.loads(pickled.read_bytes())  # noqa: S301 - the parent process wrote it


def end_with_parent() -> None:
    """Let this process end when the one that started it does, in whatever way."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        # A killed parent cannot stop its workers, and they would compete with the continued run.
        os._exit(1)


def _work(job: Job) -> Evaluation:
    return _evaluator(job)


@final
class Workers(Executor):
    """Spawned processes; small networks train faster on two single threads than on one pair.

    Args:
        workers: processes; null: one on a GPU, else one per core this process may use, divided
            among `launcher_jobs`.
        threads: threads per process; null: the cores shared out evenly, at least one.
        launcher_jobs: processes that a launcher runs beside this one.

    Raises:
        ConfigurationError: a number is below 1.
    """

    def __init__(self, *, workers: int | None, threads: int | None, launcher_jobs: int) -> None:
        at_least_one(workers=workers, threads=threads)
        on_gpu = detect_device().type == "cuda"
        self._workers = workers or (1 if on_gpu else threads_per_process(1, launcher_jobs))
        self._threads = threads or threads_per_process(self._workers, launcher_jobs)
        self._pool: ProcessPoolExecutor | None = None
        self._processes: set[BaseProcess] = set()
        self._serves: Evaluator | None = None
        self._pickled: Path | None = None
        self._needs_main = True

    @property
    def threads(self) -> int:
        """Threads per worker process."""
        return self._threads

    @property
    def workers(self) -> int:
        """Worker processes."""
        return self._workers

    def evaluate(self, evaluator: Evaluator, jobs: Sequence[Job]) -> Iterator[Evaluation]:
        """Yield evaluations as they finish; a job whose worker dies twice is a failure."""
        unfinished = list(jobs)
        try:
            futures = {self._submit(evaluator, job): job for job in jobs}
            for future in as_completed(futures):
                evaluation = future.result()
                unfinished.remove(futures[future])
                yield evaluation
        except BrokenProcessPool:
            # One dead worker breaks the pool for all; alone, each shows whether it was the cause.
            self.close()
            for job in unfinished:
                yield self._alone(evaluator, job)

    def close(self) -> None:
        """End the worker processes, also in the middle of a job."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            # The pool only waits for running jobs; after an interrupt nobody wants their result.
            # To be told to end is not enough: Lightning does not listen while it trains.
            for process in self._processes:
                process.kill()
                if self._serves is not None:  # nobody else takes away what it showed
                    shown = self._serves.folder / PROGRESS / f"{process.pid}.json"
                    shown.unlink(missing_ok=True)
        if self._pickled is not None:
            self._pickled.unlink(missing_ok=True)
        self._pool = self._serves = self._pickled = None
        self._processes = set()

    def _alone(self, evaluator: Evaluator, job: Job) -> Evaluation:
        try:
            return self._submit(evaluator, job).result()
        except BrokenProcessPool:
            cause = _death(self._processes)
            self.close()
            return evaluator.failure(job, cause, 0.0)

    def _submit(self, evaluator: Evaluator, job: Job) -> "Future[Evaluation]":
        if self._pool is None or self._serves is not evaluator:
            self.close()
            self._pool = self._new_pool(evaluator)
            self._serves = evaluator
        others = set(multiprocessing.active_children())
        with starting(self._threads), main_kept(needed=self._needs_main):
            future = self._pool.submit(_work, job)
        self._processes |= set(multiprocessing.active_children()) - others
        return future

    def _new_pool(self, evaluator: Evaluator) -> ProcessPoolExecutor:
        served = evaluator if self._workers == 1 else evaluator.quiet()
        # In a file: what a starting process is given by pipe stops this one until it is read.
        self._pickled = evaluator.folder / ".evaluator.pickle"
        pickled = pickle.dumps(served)
        self._needs_main = b"__main__" in pickled
        self._pickled.write_bytes(pickled)
        return ProcessPoolExecutor(
            self._workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start,
            initargs=(self._pickled, self._threads),
        )


def _exitcode(process: BaseProcess) -> int | None:
    """Wait until a dying process has its exit status; None: it lives on.

    The pool's own thread may be asking at this moment: whoever asks second is told nothing yet.
    """
    patience = time.monotonic() + DYING_SECONDS
    while process.exitcode is None and time.monotonic() < patience:
        time.sleep(0.01)
    return process.exitcode


def _death(processes: Iterable[BaseProcess]) -> str:
    """Return what became of a worker, by the signal that ended it."""
    codes = [_exitcode(process) for process in processes]
    signals = [signal.Signals(-code).name for code in codes if code is not None and code < 0]
    # The pool itself ends those that live on.
    own = [name for name in signals if name != "SIGTERM"]
    if "SIGKILL" in own:
        return "the worker process was killed (SIGKILL), probably because memory ran out"
    return f"the worker process died ({', '.join(own) or f'exit status {codes}'})"
