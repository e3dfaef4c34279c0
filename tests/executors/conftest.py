"""A stand-in for the evaluator, in a module that worker processes can import too."""

import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from gensynth.evaluation import Evaluator, Job
from gensynth.records import Candidate

CODE = '''
import os
import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from gensynth.records import Evaluation


@dataclass(frozen=True)
class StandIn:
    """Says in which process, with how many threads and how loudly it ran; or dies as told.

    Args:
        deaths: candidate index to how often its process dies, counted in files below `folder`.
        folder: where.
        pause: seconds that every job takes.
    """

    deaths: dict
    folder: Path
    pause: float = 0.0
    loud: bool = True

    def __call__(self, job):
        index = job.candidate.index
        signal.signal(signal.SIGTERM, lambda *_: None)  # as Lightning, while it trains
        (self.folder / f"{os.getpid()}.worker").touch()
        if len(list(self.folder.glob(f"{index}-*.death"))) < self.deaths.get(index, 0):
            (self.folder / f"{index}-{time.monotonic_ns()}.death").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(self.pause)
        measured = {
            "process": float(os.getpid()),
            "threads": float(torch.get_num_threads()),
            "omp": float(os.environ.get("OMP_NUM_THREADS", 0)),
            "loud": float(self.loud),
        }
        return Evaluation(job.candidate, str(index), "short", "search", "completed", "", measured)

    def failure(self, job, cause, seconds):
        key = str(job.candidate.index)
        return Evaluation(job.candidate, key, "short", "search", "failed", cause, seconds=seconds)

    def quiet(self):
        return replace(self, loud=False)
'''


@pytest.fixture
def stand_in(tmp_path: Path) -> Iterator[Callable[..., Evaluator]]:
    """Builds a stand-in; `deaths` says how often the process of a candidate dies."""
    (tmp_path / "gensynth_stand_in.py").write_text(CODE, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(tmp_path))
        module: Any = importlib.import_module("gensynth_stand_in")

        def build(deaths: dict[int, int] | None = None, pause: float = 0.0) -> Evaluator:
            made: Evaluator = module.StandIn(deaths or {}, tmp_path, pause)
            return made

        yield build
    del sys.modules["gensynth_stand_in"]


@pytest.fixture
def jobs() -> Sequence[Job]:
    """Four jobs."""
    return [Job(Candidate(0, i, i, (i,), f"{i}" * 64), "short", "search") for i in range(4)]
