"""From our records to what MLflow takes: names with units, short texts, batches of limited size."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from mlflow.entities import Dataset, Metric, Param, RunTag
from mlflow.utils.mlflow_tags import (
    MLFLOW_GIT_BRANCH,
    MLFLOW_GIT_COMMIT,
    MLFLOW_GIT_REPO_URL,
    MLFLOW_USER,
)

from gensynth.diary import Role
from gensynth.records import MINUS_PROTOTYPE, Evaluation

TAILS = (MINUS_PROTOTYPE, "_standard_error")
"""What may follow the measurement in a figure's name; its unit stays with the measurement."""

ORIGIN = {
    "user": MLFLOW_USER,
    "git_commit": MLFLOW_GIT_COMMIT,
    "git_branch": MLFLOW_GIT_BRANCH,
    "git_repository": MLFLOW_GIT_REPO_URL,
}
"""What MLflow shows in places of its own."""

PARAMETER_LENGTH = 500
BATCH = {"metrics": 1000, "params": 100, "tags": 100}
UNSAFE = re.compile(r"[^\w\-. :/]")


def named(figure: str, units: Mapping[str, str]) -> str:
    """Return a figure's name with the unit of the measurement that it ends in.

    Args:
        figure: such as `largest_accuracy`.
        units: of measurements whose own names do not say theirs.

    >>> named("largest_accuracy", {"accuracy": "percent"})
    'largest_accuracy_percent'
    >>> named("accuracy_minus_prototype_standard_error", {"accuracy": "percent"})
    'accuracy_percent_minus_prototype_standard_error'
    """
    for tail in TAILS:
        if figure.endswith(tail):
            return f"{named(figure.removesuffix(tail), units)}{tail}"
    of = max((m for m in units if f"_{figure}".endswith(f"_{m}")), key=len, default=None)
    return figure if of is None else f"{figure}_{units[of]}"


def run_name(evaluation: Evaluation, role: Role) -> str:
    """Return the name of a network's nested run, such as `finalist c03-1-1f2e3d4c`."""
    return role if role == "prototype" else f"{role} {evaluation.candidate.name}"


def figures_of(evaluation: Evaluation) -> dict[str, float]:
    """Return an evaluation's measurements, their standard errors and its time.

    A prototype that was found in the cache has no time of its own.
    """
    errors = {f"{k}_standard_error": v for k, v in evaluation.standard_errors.items()}
    seconds = {"seconds": evaluation.seconds} if evaluation.seconds else {}
    return {**evaluation.measurements, **errors, **seconds}


def marks(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags of a run; who started it from what has the names that MLflow has for it."""
    return {ORIGIN.get(name, name): text for name, text in tags.items()}


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
    figures: Mapping[str, float],
    units: Mapping[str, str],
    *,
    step: int = 0,
    model: str | None = None,
    data: Dataset | None = None,
) -> list[Metric]:
    """Return figures as MLflow metrics of one step.

    Args:
        figures: the measurement at the end of their name.
        units: of measurements whose own names do not say theirs.
        step: of a curve.
        model: id of the logged model that they are of.
        data: what they were measured on.
    """
    now = int(time.time() * 1000)
    of = {"model_id": model}
    if data is not None:
        of |= {"dataset_name": data.name, "dataset_digest": data.digest}
    return [
        Metric(_safe(named(name, units)), float(value), now, step, **of)
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
