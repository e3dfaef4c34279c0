"""Evaluating in this process leaves the process as it was."""

import os
from collections.abc import Callable, Sequence

import pytest
import torch

from gensynth.evaluation import Evaluator, Job
from gensynth.executors.this_process import ThisProcess
from gensynth.network.hardware import available_cores

StandIn = Callable[..., Evaluator]


def test_threads_hold_while_evaluating_only(stand_in: StandIn, jobs: Sequence[Job]) -> None:
    before = torch.get_num_threads()
    executor = ThisProcess(threads=before + 1, launcher_jobs=1)
    for evaluation in executor.evaluate(stand_in(), jobs):
        assert evaluation.measurements["threads"] == before + 1
        assert evaluation.measurements["process"] == os.getpid()
        assert torch.get_num_threads() == before


def test_threads_are_restored_after_an_interruption(jobs: Sequence[Job]) -> None:
    def interrupted(job: Job) -> None:
        raise KeyboardInterrupt

    before = torch.get_num_threads()
    executor = ThisProcess(threads=before + 1, launcher_jobs=1)
    with pytest.raises(KeyboardInterrupt):
        list(executor.evaluate(interrupted, jobs))  # type: ignore[arg-type]
    assert torch.get_num_threads() == before


def test_cores_are_shared_with_the_jobs_of_a_launcher() -> None:
    assert ThisProcess(threads=None, launcher_jobs=1).threads == available_cores()
    assert ThisProcess(threads=None, launcher_jobs=10_000).threads == 1
    assert ThisProcess(threads=3, launcher_jobs=10_000).threads == 3
