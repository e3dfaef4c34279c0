"""How far a network is from the prototype, on the same images."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gensynth.records import MINUS_PROTOTYPE

Examples = Mapping[str, NDArray[np.float64]]
"""By measurement, what each image of a split contributes to it, in the measurement's unit."""


def differences(values: Mapping[str, float], prototype: Mapping[str, float]) -> dict[str, float]:
    """Return each value less the prototype's, in its unit; `accuracy_minus_prototype` and so on."""
    return {f"{name}{MINUS_PROTOTYPE}": value - prototype[name] for name, value in values.items()}


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


def _standard_error(difference: NDArray[np.float64]) -> float:
    return float(difference.std(ddof=1) / len(difference) ** 0.5)
