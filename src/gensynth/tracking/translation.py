"""From our records to what MLflow takes: names with units, short texts, batches of limited size."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from mlflow.entities import Metric, Param, RunTag

from gensynth.diary import Role
from gensynth.records import Evaluation

UNITS: Mapping[str, str] = {
    "accuracy": "accuracy_percent",
    "information_density": "information_density_percent_per_kparameter",
}
"""Measurements whose configuration name has no unit in it; others are logged as they are called."""

PARAMETER_LENGTH = 500
BATCH = {"metrics": 1000, "params": 100, "tags": 100}
UNSAFE = re.compile(r"[^\w\-. :/]")


def named(measurement: str) -> str:
    """Return a figure's name with the unit of the measurement that it ends in.

    >>> named("accuracy"), named("mean_accuracy"), named("latency_ms"), named("accuracy_percent")
    ('accuracy_percent', 'mean_accuracy_percent', 'latency_ms', 'accuracy_percent')
    """
    for plain, with_unit in UNITS.items():
        if measurement == plain or measurement.endswith(f"_{plain}"):
            return measurement.removesuffix(plain) + with_unit
    return measurement


def run_name(evaluation: Evaluation, role: Role) -> str:
    """Return the name of a network's nested run, such as `finalist c03-1-1f2e3d4c`."""
    return role if role == "prototype" else f"{role} {evaluation.candidate.name}"


def figures_of(evaluation: Evaluation) -> dict[str, float]:
    """Return an evaluation's measurements, their standard errors and its time, with units.

    A prototype that was found in the cache has no time of its own.
    """
    figures = {named(name): value for name, value in evaluation.measurements.items()}
    errors = {f"{named(k)}_standard_error": v for k, v in evaluation.standard_errors.items()}
    seconds = {"seconds": evaluation.seconds} if evaluation.seconds else {}
    return {**figures, **errors, **seconds}


def tags_of(evaluation: Evaluation, role: Role) -> dict[str, str]:
    """Return what nested runs are filtered and grouped by."""
    candidate = evaluation.candidate
    return {
        "role": role,
        "status": evaluation.status,
        "cause": evaluation.cause,
        "fidelity": evaluation.fidelity,
        "split": evaluation.split,
        "cycle": str(candidate.cycle),
        "seed": str(candidate.seed),
        "graph": candidate.digest,
    }


def metrics(
    figures: Mapping[str, float], *, step: int = 0, model: str | None = None
) -> list[Metric]:
    """Return figures as MLflow metrics of one step, linked to a logged model if one is named."""
    now = int(time.time() * 1000)
    return [
        Metric(_safe(named(name)), float(value), now, step, model_id=model)
        for name, value in figures.items()
    ]


def parameters(values: Mapping[str, Any]) -> list[Param]:
    """Return values as MLflow parameters, cut to a length that every store takes."""
    return [Param(_safe(name), str(value)[:PARAMETER_LENGTH]) for name, value in values.items()]


def texts(config: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return a nested configuration as flat keys with dots.

    >>> texts({"seed": 0, "data": {"size": 8}, "none": {}})
    {'seed': '0', 'data.size': '8', 'none': '{}'}
    """
    flat: dict[str, str] = {}
    for key, value in config.items():
        if isinstance(value, Mapping) and value:
            flat |= texts(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat


def batches(
    figures: Sequence[Metric], params: Sequence[Param], tags: Sequence[tuple[str, str]]
) -> Iterator[tuple[list[Metric], list[Param], list[RunTag]]]:
    """Yield as few batches as MLflow's limits allow: nearly always one."""
    marks = [RunTag(name, text) for name, text in tags]
    parts = zip_longest(
        _cut(figures, BATCH["metrics"]), _cut(params, BATCH["params"]), _cut(marks, BATCH["tags"])
    )
    for some_figures, some_params, some_tags in parts:
        yield some_figures or [], some_params or [], some_tags or []


def _cut(items: Sequence[Any], size: int) -> list[list[Any]]:
    return [list(items[start : start + size]) for start in range(0, len(items), size)]


def _safe(name: str) -> str:
    return UNSAFE.sub("_", name)
