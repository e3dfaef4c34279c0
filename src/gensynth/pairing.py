"""How far a network is from the prototype, on the same images."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gensynth.tasks.task import Quality, Task

Examples = Mapping[str, NDArray[np.float64]]
"""By measurement, what each image of a split contributes to it, in the measurement's unit."""

SUFFIX = "_minus_prototype"
"""Ends the name of a difference to the prototype, and of its standard error."""


def examples_of(task: Task, quality: Quality) -> Examples:
    """Return what each image contributes, by measurement."""
    return {task.quality: quality.examples}


def differences(values: Mapping[str, float], prototype: Mapping[str, float]) -> dict[str, float]:
    """Return each value less the prototype's, in its unit; `accuracy_minus_prototype` and so on."""
    return {f"{name}{SUFFIX}": value - prototype[name] for name, value in values.items()}


def paired_errors(examples: Examples, prototype: Examples) -> dict[str, float]:
    """Return the standard errors of the differences, paired by image, in the measurements' units.

    Args:
        examples: two or more images.
        prototype: its own on the same images; what it lacks has no error.
    """
    return {
        f"{name}{SUFFIX}": _standard_error(own - prototype[name])
        for name, own in examples.items()
        if name in prototype
    }


def _standard_error(difference: NDArray[np.float64]) -> float:
    return float(difference.std(ddof=1) / len(difference) ** 0.5)
