"""Everything is written down before it is used, and nothing is measured twice."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast, final

import pytest

from gensynth.evaluation import Evaluator, Job
from gensynth.executors.executor import Executor
from gensynth.journal import Journal
from gensynth.recording import Recording
from gensynth.records import Candidate, Evaluation


@final
class Keys:
    """Stands for an evaluator: it only has to name keys, and to know what was lost."""

    def __init__(self, lost: Sequence[int] = ()) -> None:
        self.lost = lost

    def key(self, job: Job) -> str:
        return f"{job.fidelity}-{job.candidate.digest}"

    def has_kept(self, evaluation: Evaluation) -> bool:
        return evaluation.candidate.index not in self.lost


EVALUATOR = cast(Evaluator, Keys())


@final
class LastFirst(Executor):
    """Finishes jobs in reverse order, and dies before job number `dies`."""

    threads = workers = 1

    def __init__(self, dies: int | None = None) -> None:
        self.asked: list[Job] = []
        self.dies = dies

    def evaluate(self, evaluator: Evaluator, jobs: Sequence[Job]) -> Iterator[Evaluation]:
        self.asked += jobs
        for number, job in enumerate(reversed(jobs)):
            if number == self.dies:
                raise KeyboardInterrupt
            key = evaluator.key(job)
            yield Evaluation(job.candidate, key, job.fidelity, "search", "completed")

    def close(self) -> None:
        """Nothing."""


def job(number: int) -> Job:
    return Job(Candidate(0, number, number, (number,), f"{number}" * 64), "short", "search")


def indices(evaluations: Sequence[Evaluation]) -> list[int]:
    return [e.candidate.index for e in evaluations]


def test_what_is_known_comes_first_and_is_not_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "evaluations.jsonl"
    heard: list[Evaluation] = []
    first = Recording(EVALUATOR, LastFirst(), Journal(path), heard.append)
    assert indices(list(first([job(1), job(3)]))) == [3, 1]
    executor = LastFirst()
    again = Recording(EVALUATOR, executor, Journal(path), heard.append)
    assert indices(list(again([job(0), job(1), job(2), job(3)]))) == [1, 3, 2, 0]
    assert executor.asked == [job(0), job(2)]
    assert indices(heard) == [3, 1, 1, 3, 2, 0]


def test_a_network_that_was_lost_is_trained_again(tmp_path: Path) -> None:
    path = tmp_path / "evaluations.jsonl"
    list(Recording(EVALUATOR, LastFirst(), Journal(path), lambda _: None)([job(0), job(1)]))
    executor = LastFirst()
    careful = Recording(cast(Evaluator, Keys(lost=[1])), executor, Journal(path), lambda _: None)
    assert indices(list(careful([job(0), job(1)]))) == [0, 1]
    assert executor.asked == [job(1)]
    assert len(Journal(path)) == 2


def test_an_evaluation_is_on_disk_before_anybody_hears_of_it(tmp_path: Path) -> None:
    path = tmp_path / "evaluations.jsonl"

    def listener(evaluation: Evaluation) -> None:
        assert evaluation in Journal(path).all()

    recording = Recording(EVALUATOR, LastFirst(), Journal(path), listener)
    for evaluation in recording([job(0), job(1)]):
        assert evaluation in Journal(path).all()


def test_what_was_finished_before_an_interruption_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "evaluations.jsonl"
    done: list[Evaluation] = []
    dying = Recording(EVALUATOR, LastFirst(dies=2), Journal(path), done.append)
    with pytest.raises(KeyboardInterrupt):
        list(dying([job(0), job(1), job(2)]))
    assert indices(Journal(path).all()) == indices(done) == [2, 1]


def test_without_anything_new_the_executor_is_not_asked(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "evaluations.jsonl")
    executor = LastFirst(dies=1)
    recording = Recording(EVALUATOR, executor, journal, lambda evaluation: None)
    assert indices(list(recording([job(4)]))) == [4]
    assert indices(list(recording([job(4)]))) == [4]
    assert list(recording([])) == []
    assert executor.asked == [job(4)]
