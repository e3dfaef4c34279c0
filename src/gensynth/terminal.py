"""What a person sees while a synthesis runs: one line per cycle, the best so far, time left."""

import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO, final

import numpy as np

from gensynth.records import Evaluation
from gensynth.synthesis import CycleReport

log = logging.getLogger(__name__)

LIKELY = 0.5
"""A candidate counts as the best so far when it meets the requirements with this probability."""

Margins = Callable[[Evaluation], Mapping[str, float]]
"""An evaluation to margins of requirements, by names that say on which split."""


@final
@dataclass(frozen=True, slots=True)
class Best:
    """The best candidate so far.

    Args:
        evaluation: of it, at the short fidelity.
        expected: its score at the long one.
        probability: that the requirements hold.
    """

    evaluation: Evaluation
    expected: float
    probability: float


@final
class Narrator:
    """Tells how a synthesis goes on.

    Args:
        cycles: how many there will be.
        score: name of the performance function's measurement.
        quality: name of the task's quality.
        margins: by how much an evaluation meets each requirement.
    """

    def __init__(self, *, cycles: int, score: str, quality: str, margins: Margins) -> None:
        self._cycles = cycles
        self._score = score
        self._quality = quality
        self._margins = margins
        self._started = time.monotonic()
        self._done = 0
        self._best: Best | None = None

    def __call__(self, report: CycleReport) -> None:
        """Log one line about a finished cycle."""
        completed = [e for e in report.evaluations if e.status == "completed"]
        failed = len(report.evaluations) - len(completed)
        self._remember(report)
        self._done = report.cycle + 1
        qualities = [e.measurements[self._quality] for e in completed] or [float("nan")]
        log.info(
            "cycle %d/%d: %s %.1f..%.1f%s; best so far: %s; %s left",
            self._done,
            self._cycles,
            self._quality,
            min(qualities),
            max(qualities),
            f", {failed} failed" if failed else "",
            self._best_text(),
            self._left(),
        )

    def status(self) -> list[str]:
        """Return how the search stands now: cycle and time, the best so far, its margins."""
        if self._done >= self._cycles:
            return [f"finalists; best so far: {self._best_text()}", *self._margins_text()]
        now = f"cycle {self._done + 1}/{self._cycles}"
        left = f"{self._left()} left" if self._done else "time left: known after the first cycle"
        return [f"{now}, {left}", f"best so far: {self._best_text()}", *self._margins_text()]

    def _left(self) -> str:
        seconds = time.monotonic() - self._started
        return duration(seconds / self._done * (self._cycles - self._done))

    def _remember(self, report: CycleReport) -> None:
        likely = np.where(report.judgement.probability >= LIKELY, report.judgement.utility, -np.inf)
        index = int(np.argmax(likely))
        expected = float(likely[index])
        if np.isfinite(expected) and (self._best is None or expected > self._best.expected):
            chance = float(report.judgement.probability[index])
            self._best = Best(report.evaluations[index], expected, chance)

    def _best_text(self) -> str:
        if self._best is None:
            return "none likely to meet the requirements yet"
        name = self._best.evaluation.candidate.name
        expected = f"{self._score} {self._best.expected:.1f} expected"
        return f"{name}, {expected}, P(requirements) {self._best.probability:.2f}"

    def _margins_text(self) -> list[str]:
        margins = {} if self._best is None else self._margins(self._best.evaluation)
        return [", ".join(f"{name} {value:+,.4g}" for name, value in margins.items())][
            : len(margins)
        ]


def terminal_handlers() -> list[logging.StreamHandler[TextIO]]:
    """Return the root logger's handlers that write to standard output."""
    return [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stdout
    ]


def told(evaluation: Evaluation, names: Sequence[str]) -> str:
    """Return one line about an evaluation, with the named measurements."""
    head = f"  {evaluation.candidate.name} {evaluation.fidelity}"
    if evaluation.status == "failed":
        return f"{head} failed: {evaluation.cause}"
    values = ", ".join(f"{name} {evaluation.measurements[name]:.1f}" for name in names)
    return f"{head}: {values}, {duration(evaluation.seconds)}"


def duration(seconds: float) -> str:
    """Return a duration as people say it.

    >>> duration(42), duration(192), duration(7500)
    ('42 s', '3 min 12 s', '2 h 5 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
