"""Evaluate what was not measured before, and write everything down before it is used."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import final

from gensynth.evaluation import Evaluator, Job
from gensynth.executors.executor import Executor
from gensynth.journal import Journal
from gensynth.records import Evaluation

Listener = Callable[[Evaluation], None]


@final
@dataclass(frozen=True, slots=True)
class Recording:
    """An executor that remembers: evaluations found in the journal are not repeated.

    One whose network has been lost is: what is reported has to be there.

    Args:
        evaluator: evaluates one job.
        executor: where jobs are evaluated.
        journal: holds every evaluation of the run.
        listener: told of every evaluation, measured now or before.
    """

    evaluator: Evaluator
    executor: Executor
    journal: Journal
    listener: Listener

    def __call__(self, jobs: Sequence[Job]) -> Iterator[Evaluation]:
        """Yield one evaluation per job: first those known, then the others as they finish."""
        fresh: list[Job] = []
        for job in jobs:
            found = self.journal.find(self.evaluator.key(job))
            if found is None or not self.evaluator.has_kept(found):
                fresh.append(job)
            else:
                self.listener(found)
                yield found
        for evaluation in self.executor.evaluate(self.evaluator, fresh) if fresh else ():
            self.journal.append(evaluation)
            self.listener(evaluation)
            yield evaluation
