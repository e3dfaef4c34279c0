"""What a person sees while a synthesis runs: one line per cycle, the best so far, time left."""

import logging
import time
from collections.abc import Sequence
from typing import final

import numpy as np

from gensynth.records import Evaluation
from gensynth.synthesis import CycleReport

log = logging.getLogger(__name__)

LIKELY = 0.5
"""A candidate counts as the best so far when it meets the requirements with this probability."""


@final
class Narrator:
    """Tells how a synthesis goes on.

    Args:
        cycles: how many there will be.
        score: name of the performance function's measurement.
        quality: name of the task's quality.
    """

    def __init__(self, *, cycles: int, score: str, quality: str) -> None:
        self._cycles = cycles
        self._score = score
        self._quality = quality
        self._started = time.monotonic()
        self._best: tuple[float, str] | None = None

    def __call__(self, report: CycleReport) -> None:
        """Log one line about a finished cycle."""
        completed = [e for e in report.evaluations if e.status == "completed"]
        failed = len(report.evaluations) - len(completed)
        self._remember(report)
        done = report.cycle + 1
        left = (time.monotonic() - self._started) / done * (self._cycles - done)
        qualities = [e.measurements[self._quality] for e in completed] or [float("nan")]
        log.info(
            "cycle %d/%d: %s %.1f..%.1f%s; best so far: %s; %s left",
            done,
            self._cycles,
            self._quality,
            min(qualities),
            max(qualities),
            f", {failed} failed" if failed else "",
            self._best_text(),
            duration(left),
        )

    def _remember(self, report: CycleReport) -> None:
        likely = np.where(report.judgement.probability >= LIKELY, report.judgement.utility, -np.inf)
        index = int(np.argmax(likely))
        best = float(likely[index])
        if np.isfinite(best) and (self._best is None or best > self._best[0]):
            name = report.evaluations[index].candidate.name
            chance = report.judgement.probability[index]
            self._best = (best, f"{name}, {self._score} {best:.1f}, P(requirements) {chance:.2f}")

    def _best_text(self) -> str:
        return self._best[1] if self._best else "none likely to meet the requirements yet"


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
