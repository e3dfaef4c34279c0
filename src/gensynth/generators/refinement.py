"""Better designs near given ones: a beam search over single choices."""

from collections.abc import Iterator

import numpy as np

from gensynth.design.space import DesignSpace
from gensynth.generators.generator import Allowed, Designs, Value

BEAM = 64
"""Designs that are carried on."""

ROUNDS = 2
"""Choices in which a refined design may differ from one that was given: further away what is
expected of designs rests on next to nothing, and the search would find its errors."""


def refined(space: DesignSpace, allowed: Allowed, designs: Designs, value: Value) -> Designs:
    """Return the best designs that are found by changing one choice after the other.

    A round tries every option of every choice of the `BEAM` best so far; the search ends when a
    round finds nothing better, or after `ROUNDS`.

    Args:
        space: the designs.
        allowed: (n, choices) designs to an (n,) mask; what it refuses stays out.
        designs: (n, choices), n > 0; where to start.
        value: what to climb.
    """
    best = _best(designs, value)
    for _ in range(ROUNDS):
        near = space.repair(np.concatenate([best, *_neighbours(space, best)]))
        near = np.unique(space.canonical(near), axis=0)
        near = near[allowed(near)]
        better = _best(near, value) if len(near) else best
        if value(better[:1])[0] <= value(best[:1])[0]:
            break
        best = better
    return best


def _neighbours(space: DesignSpace, designs: Designs) -> Iterator[Designs]:
    for number, options in enumerate(space.options_per_choice):
        for option in range(options):
            changed = designs.copy()
            changed[:, number] = option
            yield changed


def _best(designs: Designs, value: Value) -> Designs:
    return designs[np.argsort(-value(designs), kind="stable")[:BEAM]]
