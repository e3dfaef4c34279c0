"""The paragraph says what was asked, what was found, and what is not known."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gensynth.report.read_run import read_run
from gensynth.report.summary import summary
from gensynth.report.wording import MINUS


def test_a_nominated_network_is_told_with_margin_test_gain_and_n(whole: Path) -> None:
    run = read_run(whole)
    told = summary(run)
    assert run.nominated is not None
    for part in (
        "accuracy at least 80 %",
        f"Found: {run.nominated}, with accuracy 88.00 ± 0.98 %",
        "n = 400 images",
        "2.00 points below the prototype's",
        "holds with 7.00 points to spare beyond the slack",  # 88 - 80 - 1
        "On the test split (n = 300 images), read once",
        f"NetScore is 108.80: {MINUS}0.20 against the prototype",
        "+0.20 against the best uniformly scaled prototype",
        "n = 1, seed 0",
        "2 trainings failed",
    ):
        assert part in told
    assert "n = 1" not in summary(run, alone=False)


def test_a_closed_test_split_and_a_missing_control_are_said(made: Callable[..., Any]) -> None:
    run = made().begun().prepared().finalist("a", 88.0).concluded(nominated="a", tested=False)
    told = summary(read_run(run.folder))
    assert "The test split was not opened." in told
    assert "there was no control" in told


def test_a_run_that_met_nothing_names_the_nearest_and_what_it_misses(
    made: Callable[..., Any],
) -> None:
    run = made().begun().prepared().finalist("a", 79.0).concluded(nominated=None)
    told = summary(read_run(run.folder))
    assert "No network met the requirements." in told
    assert "misses accuracy by 2.00 points" in told


def test_an_interrupted_run_says_so(made: Callable[..., Any]) -> None:
    begun = made("a").begun()
    assert "the prototype was not ready" in summary(read_run(begun.folder))
    assert "accuracy at least 80" in summary(read_run(begun.folder))
    stopped = made("b").begun().prepared().cycle(0)
    told = summary(read_run(stopped.folder))
    assert "has not come to its result" in told
    assert "1 finished cycle" in told
