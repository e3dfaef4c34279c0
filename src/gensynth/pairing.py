"""How far a network is from the prototype, on the same images."""

from collections.abc import Iterable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gensynth.records import MINUS_PROTOTYPE
from gensynth.tasks.bootstrap import Interval, interval, resample

Examples = Mapping[str, NDArray[np.float64]]
"""By measurement, what each image of a split contributes to it, in the measurement's unit."""


def differences(values: Mapping[str, float], prototype: Mapping[str, float]) -> dict[str, float]:
    """Return each value less the prototype's, in its unit; `accuracy_minus_prototype` and so on."""
    return {f"{name}{MINUS_PROTOTYPE}": value - prototype[name] for name, value in values.items()}


class Measured(Protocol):
    """What was measured on the images of a split: a task's quality, or a reading of the test split.

    See `Quality` for what the three hold.
    """

    @property
    def standard_errors(self) -> Mapping[str, float]: ...  # noqa: D102 - named above

    @property
    def intervals(self) -> Mapping[str, Interval]: ...  # noqa: D102

    @property
    def examples(self) -> Examples: ...  # noqa: D102


def beside(measured: Measured, prototype: Examples) -> tuple[dict[str, float], dict[str, Interval]]:
    """Return standard errors and intervals, those of the differences to the prototype included."""
    errors = paired_errors(measured.examples, prototype)
    intervals = paired_intervals(measured.examples, prototype, measured.intervals)
    return {**measured.standard_errors, **errors}, {**measured.intervals, **intervals}


def gaps(examples: Examples, prototype: Examples) -> dict[str, float]:
    """Return by how much a network is ahead of the prototype on the same images; names as above.

    Args:
        examples: one or more images.
        prototype: its own on the same images; what it lacks has no gap.
    """
    return {
        f"{name}{MINUS_PROTOTYPE}": float((own - prototype[name]).mean())
        for name, own in examples.items()
        if name in prototype
    }


def paired_errors(examples: Examples, prototype: Examples) -> dict[str, float]:
    """Return the standard errors of the differences, paired by image, in the measurements' units.

    Args:
        examples: two or more images.
        prototype: its own on the same images; what it lacks has no error.
    """
    return {
        f"{name}{MINUS_PROTOTYPE}": _standard_error(own - prototype[name])
        for name, own in examples.items()
        if name in prototype
    }


def paired_intervals(
    examples: Examples, prototype: Examples, names: Iterable[str]
) -> dict[str, Interval]:
    """Return 95 % bootstrap intervals of differences, paired by image, in the measurements' units.

    What is drawn anew are the images' contributions; images are taken for independent. The draws
    are always the same, so that equal measurements have equal intervals.

    Args:
        examples: one or more images.
        prototype: its own on the same images; what it lacks has no interval.
        names: of the measurements to compare.
    """
    compared = [name for name in names if name in examples and name in prototype]
    if not compared:
        return {}
    gaps = np.stack([examples[name] - prototype[name] for name in compared])
    means = resample(gaps.shape[1], np.random.default_rng(0)) @ gaps.T / gaps.shape[1]
    return {
        f"{name}{MINUS_PROTOTYPE}": interval(column)
        for name, column in zip(compared, means.T, strict=True)
    }


def _standard_error(difference: NDArray[np.float64]) -> float:
    return float(difference.std(ddof=1) / len(difference) ** 0.5)
