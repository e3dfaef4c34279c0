"""Names, lengths and batch sizes that every MLflow store takes."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from mlflow.utils.validation import _validate_metric_name, _validate_param_name

from gensynth.records import Evaluation
from gensynth.tracking.translation import (
    batches,
    figures_of,
    metrics,
    parameters,
    run_name,
    tags_of,
)


@given(st.text(min_size=1, max_size=40).filter(lambda name: name.strip("./") == name))
def test_any_name_becomes_one_that_mlflow_takes(name: str) -> None:
    safe = metrics({f"x{name}x": 1.0}, step=0, model=None)[0].key
    _validate_metric_name(safe)  # type: ignore[no-untyped-call]
    _validate_param_name(parameters({f"x{name}x": 1})[0].key)  # type: ignore[no-untyped-call]


@given(*[st.integers(0, 2500), st.integers(0, 350), st.integers(0, 350)])
def test_batches_hold_everything_once_within_limits(figures: int, params: int, tags: int) -> None:
    parts = list(
        batches(
            metrics({f"m{i}": 0.0 for i in range(figures)}, step=0, model=None),
            parameters({f"p{i}": 0 for i in range(params)}),
            [(f"t{i}", "") for i in range(tags)],
        )
    )
    sizes = np.array([(len(m), len(p), len(t)) for m, p, t in parts]).reshape(-1, 3)
    assert sizes.sum(axis=0).tolist() == [figures, params, tags]
    assert (sizes <= [1000, 100, 100]).all()


def test_names_and_tags_of_nested_runs_say_what_the_network_is(evaluation: Evaluation) -> None:
    name = evaluation.candidate.name
    assert run_name(evaluation, "prototype") == "prototype"
    assert run_name(evaluation, "uniform candidate") == f"uniform candidate {name}"
    assert run_name(evaluation, "finalist") == f"finalist {name}"
    tags = tags_of(evaluation, "finalist")
    assert (tags["role"], tags["cycle"], tags["split"]) == ("finalist", "2", "search")


def test_what_took_no_time_of_its_own_has_no_seconds(evaluation: Evaluation) -> None:
    assert figures_of(evaluation)["seconds"] == 1.5
    assert "seconds" not in figures_of(replace(evaluation, seconds=0.0))


def test_percentages_say_so(evaluation: Evaluation) -> None:
    figures = figures_of(evaluation)
    assert figures["accuracy_percent"] == 87.5
    assert figures["accuracy_percent_standard_error"] == 0.5
    assert "accuracy" not in figures


def test_figures_derived_from_a_measurement_carry_its_unit() -> None:
    (figure,) = metrics({"largest_accuracy": 90.0}, step=3, model=None)
    assert (figure.key, figure.value, figure.step) == ("largest_accuracy_percent", 90.0, 3)
