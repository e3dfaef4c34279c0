"""What became of each choice of a design: how probable its option was, and what moved theta_G."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import final

import numpy as np
from numpy.typing import NDArray

from gensynth.design.choice import Choice, Option
from gensynth.design.space import DesignSpace
from gensynth.records import Insight

Shares = list[NDArray[np.float64]]
"""Per choice, the share of seeds that take each of its options."""

STRONGEST = 3
"""Choices that are told in words."""


@final
@dataclass(frozen=True, slots=True)
class Step:
    """A state of theta_G.

    Args:
        after: what moved it there: `cycle 0`, ...; empty where it began.
        shares: per choice, how often its options are taken.
        insights: what theta_I held of all choices when it moved theta_G there.
    """

    after: str
    shares: Shares
    insights: Sequence[Insight]


@final
@dataclass(frozen=True, slots=True)
class Held:
    """What theta_I held of one option.

    Args:
        quantity: with its unit.
        value: of the option taken.
        weight: how much the prediction of quality leaned on the choice.
    """

    quantity: str
    value: float
    weight: float


@final
@dataclass(frozen=True, slots=True)
class ChoiceStory:
    """One choice of a design.

    Args:
        choice: its name.
        option: taken.
        prototype: the prototype's option.
        active: whether any option of it can change this graph.
        at_first: share of seeds that took the option when theta_G began.
        then: share of seeds when the design was found.
        most_by: what raised that share most; empty when it did not rise.
        held: what theta_I held then, or at last when it did not rise, by weight.
    """

    choice: str
    option: Option
    prototype: Option
    active: bool
    at_first: float
    then: float
    most_by: str
    held: tuple[Held, ...]

    @property
    def gain(self) -> float:
        """By how many bits the option became more probable."""
        least = 1e-3
        return math.log2(max(self.then, least) / max(self.at_first, least))


def choice_stories(
    space: DesignSpace, design: Sequence[int], active: Sequence[bool], steps: Sequence[Step]
) -> list[ChoiceStory]:
    """Return a story for each choice of a design.

    Args:
        space: the designs.
        design: option indices.
        active: where an option can change the graph.
        steps: from where theta_G began to where it was when the design was found.
    """
    return [
        _story(choice, number, option, is_active, steps)
        for number, (choice, option, is_active) in enumerate(
            zip(space.choices, design, active, strict=True)
        )
    ]


def _story(
    choice: Choice, number: int, option: int, active: bool, steps: Sequence[Step]
) -> ChoiceStory:
    shares = [float(step.shares[number][option]) for step in steps]
    rises = [after - before for before, after in pairwise(shares)]
    risen = shares[-1] > shares[0]
    moved = steps[1 + rises.index(max(rises))] if risen else steps[-1]
    told = [one for one in moved.insights if one.choice == choice.name]
    held = [Held(one.quantity, one.values[option], one.weight) for one in told]
    return ChoiceStory(
        choice.name,
        choice.options[option],
        choice.options[choice.prototype],
        active,
        shares[0],
        shares[-1],
        moved.after if risen else "",
        tuple(sorted(held, key=lambda one: -one.weight)),
    )


def strongest(stories: Sequence[ChoiceStory]) -> list[str]:
    """Return in words the options that became more probable by most, and why; the first first."""
    risen = [one for one in stories if one.active and one.most_by]
    return [
        f"{one.choice} = {one.option} (the prototype's: {one.prototype}): {one.at_first:.0%} of"
        f" seeds at first, {one.then:.0%} then, most by {one.most_by}{_why(one.held[:1])}"
        for one in sorted(risen, key=lambda one: -one.gain)[:STRONGEST]
    ]


def choice_table(stories: Sequence[ChoiceStory]) -> str:
    """Return aligned plain text, one line per choice."""
    head = ("choice", "option", "prototype's", "at first", "then", "most by", "theta_I held")
    lines = [head, *(_cells(one) for one in stories)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(
        "  " + "  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cells(one: ChoiceStory) -> tuple[str, ...]:
    return (
        one.choice,
        str(one.option) if one.active else "(no effect)",
        str(one.prototype),
        f"{one.at_first:.0%}",
        f"{one.then:.0%}",
        one.most_by or "-",
        _why(one.held[:1]).removeprefix("; theta_I held ") or "-",
    )


def _why(held: Sequence[Held]) -> str:
    return "".join(
        f"; theta_I held {one.quantity} {one.value:+.3g}, weight {one.weight:.3g}" for one in held
    )
