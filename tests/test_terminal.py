"""Progress lines."""

import logging

import numpy as np
import pytest

from gensynth.generators.generator import Judgement
from gensynth.records import Candidate, Evaluation
from gensynth.synthesis import CycleReport
from gensynth.terminal import Narrator, told


def report(cycle: int, utility: float, probability: float) -> CycleReport:
    candidate = Candidate(cycle, 0, 1, (0,), f"{cycle:064x}")
    measured = Evaluation(
        candidate, str(cycle), "short", "search", "completed", measurements={"accuracy": 80.0}
    )
    quality, deviation, gain, chance = (
        np.array([value]) for value in (88.0, 1.0, utility, probability)
    )
    judged = Judgement(quality, deviation, gain, chance)
    return CycleReport(cycle, (measured,), judged, None)


def margins(evaluation: Evaluation) -> dict[str, float]:
    return {"search_margin_accuracy": evaluation.measurements["accuracy"] - 82.0}


def test_the_best_so_far_is_the_best_that_probably_passes(caplog: pytest.LogCaptureFixture) -> None:
    narrator = Narrator(cycles=3, score="net_score", quality="accuracy", margins=margins)
    with caplog.at_level(logging.INFO):
        narrator(report(0, 120.0, 0.1))
        narrator(report(1, 101.0, 0.9))
        narrator(report(2, 100.0, 0.9))
    lines = [record.getMessage() for record in caplog.records]
    assert "none likely" in lines[0]
    assert "net_score 101.0" in lines[1]
    assert "net_score 101.0" in lines[2]
    assert "cycle 3/3" in lines[2]


def test_the_status_tells_cycle_time_best_and_margins() -> None:
    narrator = Narrator(cycles=2, score="net_score", quality="accuracy", margins=margins)
    first, best = narrator.status()
    assert first.startswith("cycle 1/2")
    assert "none likely" in best
    narrator(report(0, 101.0, 0.9))
    first, best, missed = narrator.status()
    assert first == "cycle 2/2, 0 s left"
    assert "net_score 101.0 expected, P(requirements) 0.90" in best
    assert missed == "search_margin_accuracy -2"
    narrator(report(1, 100.0, 0.9))
    assert narrator.status()[0].startswith("finalists; best so far: c00")


def test_an_evaluation_is_one_line_with_what_was_asked_for_or_its_cause() -> None:
    (measured,) = report(0, 1.0, 1.0).evaluations
    line = told(measured, ["accuracy"])
    assert line.split() == [measured.candidate.name, "short:", "accuracy", "80.0,", "0", "s"]
    failed = Evaluation(measured.candidate, "k", "long", "confirm", "failed", "loss is NaN")
    assert told(failed, ["accuracy"]).endswith("long failed: loss is NaN")
