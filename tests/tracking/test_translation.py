"""Names, lengths and batch sizes that every MLflow store takes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlflow.utils.validation import _validate_metric_name, _validate_param_name

from gensynth.records import Evaluation
from gensynth.tracking.translation import (
    batches,
    figures_of,
    metrics,
    named,
    parameters,
    run_name,
    tags_of,
)


@given(st.text(min_size=1, max_size=40).filter(lambda name: name.strip("./") == name))
def test_any_name_becomes_one_that_mlflow_takes(name: str) -> None:
    safe = metrics({f"x{name}x": 1.0}, {})[0].key
    _validate_metric_name(safe)  # type: ignore[no-untyped-call]
    _validate_param_name(parameters({f"x{name}x": 1})[0].key)  # type: ignore[no-untyped-call]


@given(*[st.integers(0, 2500), st.integers(0, 350), st.integers(0, 350)])
def test_batches_hold_everything_once_within_limits(figures: int, params: int, tags: int) -> None:
    parts = list(
        batches(
            metrics({f"m{i}": 0.0 for i in range(figures)}, {}),
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


UNITS = {
    **dict.fromkeys(["accuracy", "mean_class_accuracy", "mean_iou", "iou_0", "iou_car"], "percent"),
    "density": "percent_per_kparameter",
}


def test_every_figure_of_an_evaluation_says_its_unit_once(evaluation: Evaluation) -> None:
    differences = {**evaluation.standard_errors, "accuracy_minus_prototype": 0.25}
    one = replace(evaluation, standard_errors=differences)
    assert [metric.key for metric in metrics(figures_of(one), UNITS)] == [
        "accuracy_percent",
        "macs",
        "net_score",
        "accuracy_percent_standard_error",
        "accuracy_percent_minus_prototype_standard_error",
        "seconds",
    ]


@pytest.mark.parametrize("front", ["", "largest_", "margin_", "test_nominated_", "a:b/mean_"])
@pytest.mark.parametrize("tail", ["", "_minus_prototype", "_minus_prototype_standard_error"])
@pytest.mark.parametrize("measurement", UNITS)
def test_whatever_is_derived_from_a_measurement_carries_its_unit(
    front: str, tail: str, measurement: str
) -> None:
    name = named(f"{front}{measurement}{tail}", UNITS)
    assert name == f"{front}{measurement}_{UNITS[measurement]}{tail}"


@pytest.mark.parametrize("plain", ["macs", "latency_ms", "net_score_minus_prototype", "inaccuracy"])
def test_what_says_its_unit_or_has_none_stays(plain: str) -> None:
    assert named(plain, UNITS) == plain


def test_points_of_a_curve_have_its_step() -> None:
    (figure,) = metrics({"largest_accuracy": 90.0}, UNITS, step=3)
    assert (figure.key, figure.value, figure.step) == ("largest_accuracy_percent", 90.0, 3)
