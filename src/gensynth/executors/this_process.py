"""Evaluate candidates one after the other in this process."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import final

import torch

from gensynth.evaluation import Evaluator, Job
from gensynth.executors.executor import Executor, at_least_one
from gensynth.network.hardware import threads_per_process
from gensynth.records import Evaluation


@final
class ThisProcess(Executor):
    """No processes of its own; all cores go to one candidate at a time.

    Args:
        threads: threads to compute with; null: every core this process may use, divided among
            `launcher_jobs`.
        launcher_jobs: processes that a launcher runs beside this one.

    Raises:
        ConfigurationError: the number is below 1.
    """

    def __init__(self, *, threads: int | None, launcher_jobs: int) -> None:
        at_least_one(threads=threads)
        self._threads = threads or threads_per_process(1, launcher_jobs)

    @property
    def threads(self) -> int:
        """Threads this process computes with."""
        return self._threads

    @property
    def workers(self) -> int:
        """One."""
        return 1

    def evaluate(self, evaluator: Evaluator, jobs: Sequence[Job]) -> Iterator[Evaluation]:
        """Yield each job's evaluation in order."""
        for job in jobs:
            with _threads(self._threads):
                evaluation = evaluator(job)
            yield evaluation

    def close(self) -> None:
        """Nothing to release."""


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        # What this process computes itself must not depend on whether it evaluated before.
        torch.set_num_threads(before)
