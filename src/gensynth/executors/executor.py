"""The contract of executors: where candidates are evaluated."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from gensynth.errors import ConfigurationError
from gensynth.evaluation import Evaluator, Job
from gensynth.records import Evaluation


class Executor(ABC):
    """Evaluates jobs and hands the evaluations back as they finish."""

    @property
    @abstractmethod
    def threads(self) -> int:
        """Threads each evaluating process computes with."""

    @property
    @abstractmethod
    def workers(self) -> int:
        """How many candidates are evaluated at once."""

    @abstractmethod
    def evaluate(self, evaluator: Evaluator, jobs: Sequence[Job]) -> Iterator[Evaluation]:
        """Yield one evaluation per job, in the order in which they finish."""

    @abstractmethod
    def close(self) -> None:
        """Release processes; the executor may be used again afterwards."""


def at_least_one(**settings: int | None) -> None:
    """Refuse numbers of workers or threads below 1; None leaves the number to the machine.

    Raises:
        ConfigurationError: naming the setting.
    """
    for name, value in settings.items():
        if value is not None and value < 1:
            raise ConfigurationError(
                f"executor.{name}={value} must be 1 or more, or null for what this machine has"
            )
