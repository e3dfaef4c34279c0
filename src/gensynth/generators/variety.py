"""How much the designs of different seeds differ, and how to make them differ enough."""

from collections.abc import Callable
from typing import final

import numpy as np

from gensynth.design.space import DesignSpace
from gensynth.errors import ConfigurationError
from gensynth.generators import categorical
from gensynth.generators.generator import Designs

PAIRS = 128
"""Of designs, over which their variety is taken."""
ERROR = 0.02
"""By how much a mean over so many pairs can miss."""
EQUAL_PAIRS = 1e-4
"""Share of all pairs of seeds that may have the same design: 64 seeds have 2,016 pairs."""
STEPS = 10
"""Bisections of the power by which probabilities are evened out."""


@final
class Variety:
    """Tells whether designs differ enough.

    Args:
        space: their space.
        asked: least share of their choices in which the designs of two seeds differ: the mean over
            pairs, of choices active in either. Above 0, hardly any two may be the same, either
            (`EQUAL_PAIRS`), or no more than twice as many as where all options are equally likely.
        even: (2 n, choices) designs where they are.

    Raises:
        ConfigurationError: the space has no such variety.
    """

    def __init__(self, space: DesignSpace, asked: float, even: Designs) -> None:
        most = differing_share(space, even)
        if not 0 <= asked <= most and space.choices:
            raise ConfigurationError(
                f"generator.variety={asked}: the designs of this space differ in up to {most:.2f} "
                f"of their choices; choose a share from 0 to that"
            )
        self._space, self._asked = space, asked
        self._most_equal = max(EQUAL_PAIRS, 2 * equal_pairs_share(space, even))

    def holds(self, designs: Designs, *, error: float = 0.0) -> bool:
        """Tell whether (2 n, choices) designs differ enough, or miss that by no more than an error.

        Args:
            designs: of as many seeds.
            error: of the share of choices in which they differ.
        """
        if not self._asked:
            return True
        return (
            differing_share(self._space, designs) >= self._asked - error
            and equal_pairs_share(self._space, designs) <= self._most_equal
        )


def evened_out(
    probabilities: categorical.Probabilities, enough: Callable[[categorical.Probabilities], bool]
) -> categorical.Probabilities:
    """Return powers of all probabilities, by one exponent: the highest up to 1 that is enough."""
    if enough(probabilities):
        return probabilities
    even, sure = 0.0, 1.0
    for _ in range(STEPS):
        power = (even + sure) / 2
        if enough(categorical.evened(probabilities, power)):
            even = power
        else:
            sure = power
    return categorical.evened(probabilities, even)


def differing_share(space: DesignSpace, designs: Designs) -> float:
    """Return the mean share of choices, of those active in either, in which pairs differ.

    Args:
        space: the designs' space.
        designs: (2 n, choices); row i makes a pair with row n + i.
    """
    first, second = np.split(space.canonical(designs), 2)
    counts = np.logical_or(*np.split(space.active(designs), 2))
    differences = ((first != second) & counts).sum(1) / np.maximum(counts.sum(1), 1)
    return float(differences.mean())


def equal_pairs_share(space: DesignSpace, designs: Designs) -> float:
    """Return the share of equal ones among all pairs of (n, choices) designs."""
    _, counts = np.unique(space.canonical(designs), axis=0, return_counts=True)
    return float((counts * (counts - 1)).sum() / (len(designs) * (len(designs) - 1)))
