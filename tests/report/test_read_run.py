"""A run's folder is read as far as it goes, and damage is named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gensynth.errors import DataError
from gensynth.report.read_run import read_run
from gensynth.run_files import FAILURE, GENERATOR, PROTOTYPE_EVALUATION, RESULT, SAVED


def test_a_whole_run_is_read(whole: Path) -> None:
    run = read_run(whole)
    assert run.finished
    assert (run.task, run.data, run.quality, run.score) == (
        "classification",
        "digits",
        "accuracy",
        "net_score",
    )
    assert (run.counts["confirm"], run.counts["test"]) == (400, 300)
    assert run.options.keys() == run.beliefs.keys()
    assert {network.role for network in run.networks} == {
        "prototype",
        "candidate",
        "promoted",
        "finalist",
        "uniform finalist",
    }
    assert [cycle.number for cycle in run.cycles] == [0, 1]
    assert all(cycle.beliefs.keys() == run.beliefs.keys() for cycle in run.cycles)
    assert all(cycle.insights for cycle in run.cycles)
    assert set(run.graphs) == {"prototype", "generated"}
    best = run.evaluation_of(run.best)
    assert best is not None
    assert run.graphs["generated"].parameters == best.measurements["parameters"]


def test_bounds_are_those_of_the_result_and_before_it_those_that_were_asked_for(
    made: Callable[..., Any],
) -> None:
    run = made().begun().prepared()
    (asked,) = read_run(run.folder).bounds
    (noted,) = read_run(run.finalist("a", 88.0).concluded(nominated="a").folder).bounds
    assert asked == noted


def test_what_a_run_did_not_get_to_is_left_out(made: Callable[..., Any]) -> None:
    run = read_run(made().begun().folder)
    assert not run.finished
    assert run.prototype is None
    assert not any([run.networks, run.cycles, run.rows, run.graphs, run.beliefs, run.counts])
    assert run.best is None


def test_why_a_job_of_a_sweep_failed_is_known(made: Callable[..., Any]) -> None:
    folder = made().begun().folder
    (folder / FAILURE).write_text("no network met the requirements\n")
    assert read_run(folder).failure == "no network met the requirements"


@pytest.mark.parametrize("name", [SAVED, RESULT, GENERATOR, PROTOTYPE_EVALUATION])
def test_a_damaged_file_is_named(whole: Path, name: str) -> None:
    (whole / name).write_text("{")
    with pytest.raises(DataError, match=name):
        read_run(whole)
