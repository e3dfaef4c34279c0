"""Questions that a report asks of a run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gensynth.report.read_run import read_run
from gensynth.report.run_record import is_finalist


def test_the_nominated_network_is_the_best_known(whole: Path) -> None:
    run = read_run(whole)
    row = run.row(run.best, "confirm")
    assert row is not None
    assert row.measurements["accuracy"] == 88.0
    assert is_finalist(row)
    tested = run.row(run.best, "test")
    assert tested is not None
    assert tested.name == row.name


def test_without_a_nominated_network_the_one_that_missed_least_stands_in(
    made: Callable[..., Any],
) -> None:
    run = made().begun().prepared().finalist("a", 70.0).finalist("b", 79.0)
    record = read_run(run.concluded(nominated=None).folder)
    row = record.row(record.best, "confirm")
    assert record.nominated is None
    assert row is not None
    assert row.measurements["accuracy"] == 79.0
    assert record.tightest(row) == "accuracy"


def test_the_control_is_its_best_row_that_passes(made: Callable[..., Any]) -> None:
    run = made().begun().prepared().finalist("a", 88.0)
    run.finalist("uniform low", 60.0, "uniform finalist")
    without = read_run(run.concluded(nominated="a").folder)
    assert without.best_control("confirm") is None
    run.finalist("uniform good", 85.0, "uniform finalist")
    run.finalist("uniform better", 86.0, "uniform finalist")
    control = read_run(run.concluded(nominated="a").folder).best_control("confirm")
    assert control is not None
    assert control.measurements["accuracy"] == 86.0


def test_evaluations_are_found_by_name_the_longest_trained_first(whole: Path) -> None:
    run = read_run(whole)
    candidates = [e for e in run.trained if e.split == "search" and e.status == "completed"]
    found = run.evaluation_of(candidates[0].candidate.name)
    assert found is not None
    assert found.fidelity == "long"
    assert run.evaluation_of("prototype") == run.prototype
    assert run.evaluation_of("nobody") is None
    assert run.probed(run.best) is not None
