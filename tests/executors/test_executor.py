"""What every executor must do."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

import pytest
import torch

from gensynth.errors import ConfigurationError
from gensynth.evaluation import Evaluator, Job
from gensynth.executors.executor import Executor
from gensynth.executors.this_process import ThisProcess
from gensynth.executors.workers import Workers

StandIn = Callable[..., Evaluator]


@pytest.fixture(params=["this_process", pytest.param("workers", marks=pytest.mark.slow)])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    made: Executor
    if request.param == "workers":
        made = Workers(workers=2, threads=1, launcher_jobs=1)
    else:
        made = ThisProcess(threads=1, launcher_jobs=1)
    with closing(made):
        yield made


def test_every_job_is_evaluated_once_with_the_stated_threads_also_after_closing(
    executor: Executor, stand_in: StandIn, jobs: Sequence[Job]
) -> None:
    evaluator = stand_in()
    before = torch.get_num_threads()
    for some in (jobs, jobs[:1], []):
        found = sorted(executor.evaluate(evaluator, some), key=lambda e: e.candidate.index)
        assert [e.candidate for e in found] == [job.candidate for job in some]
        assert {e.measurements["threads"] for e in found} <= {executor.threads}
        executor.close()
    processes = {e.measurements["process"] for e in found}
    assert len(processes) <= executor.workers
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("wrong", [0, -1])
def test_numbers_below_one_are_refused_by_name(wrong: int) -> None:
    with pytest.raises(ConfigurationError, match=f"executor.threads={wrong} must be 1 or more"):
        ThisProcess(threads=wrong, launcher_jobs=1)
    with pytest.raises(ConfigurationError, match=f"executor.workers={wrong} must be 1 or more"):
        Workers(workers=wrong, threads=None, launcher_jobs=1)
