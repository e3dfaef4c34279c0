"""Of each choice is told how probable its option was, and what theta_I held when that rose most."""

import numpy as np
import pytest

from gensynth.design.space import DesignSpace
from gensynth.jobs.choice_story import Step, choice_stories, choice_table, strongest
from gensynth.prototypes.resnet import resnet
from gensynth.records import Insight


@pytest.fixture
def space() -> DesignSpace:
    from gensynth.design.space import derive

    return derive(
        resnet((1, 8, 8), 10, depth=8, widths=(4, 8, 8)),
        width_ratios=[0.5, 1.0],
        width_multiple=1,
        operations=[],
        kernels=[],
        keep=True,
        downsampling=False,
        frozen=[],
    )


def step(space: DesignSpace, after: str, first: float, *insights: Insight) -> Step:
    """Return a state in which option 0 of every choice has a probability."""
    return Step(after, [np.array([first, 1 - first]) for _ in space.choices], insights)


def held(space: DesignSpace, value: float, weight: float) -> Insight:
    return Insight(space.choices[0].name, "points", (value, 0.0), weight)


def test_the_step_with_the_largest_rise_tells_why(space: DesignSpace) -> None:
    steps = [
        step(space, "", 0.25),
        step(space, "cycle 0", 0.3, held(space, -1.0, 9.0)),
        step(space, "cycle 1", 0.7, held(space, -2.0, 1.0), held(space, -3.0, 4.0)),
        step(space, "cycle 2", 0.6, held(space, -5.0, 9.0)),
    ]
    count = len(space.choices)
    stories = choice_stories(space, [0] * count, [True] * count, steps)
    assert [one.choice for one in stories] == [choice.name for choice in space.choices]
    first = stories[0]
    assert (first.option, first.at_first, first.then) == (space.choices[0].options[0], 0.25, 0.6)
    assert first.most_by == "cycle 1"
    assert [(one.value, one.weight) for one in first.held] == [(-3.0, 4.0), (-2.0, 1.0)]
    assert stories[1].held == ()
    told = strongest(stories)
    assert len(told) == 3
    assert "25% of seeds at first, 60% then, most by cycle 1" in told[0]
    assert "points -3, weight 4" in told[0]


def test_what_became_less_probable_was_not_what_theta_g_moved_towards(space: DesignSpace) -> None:
    steps = [step(space, "", 0.25), step(space, "cycle 0", 0.7, held(space, -1.0, 2.0))]
    count = len(space.choices)
    stories = choice_stories(space, [1] * count, [True] * count, steps)
    assert {one.most_by for one in stories} == {""}
    assert stories[0].held[0].value == 0.0
    assert strongest(stories) == []


def test_a_choice_without_effect_is_shown_and_not_told(space: DesignSpace) -> None:
    steps = [step(space, "", 0.25), step(space, "cycle 0", 0.7)]
    count = len(space.choices)
    stories = choice_stories(space, [0] * count, [False] * count, steps)
    assert strongest(stories) == []
    lines = choice_table(stories).splitlines()
    assert len(lines) == 1 + count
    assert all("(no effect)" in line for line in lines[1:])


def test_before_any_cycle_nothing_was_held(space: DesignSpace) -> None:
    count = len(space.choices)
    stories = choice_stories(space, [0] * count, [True] * count, [step(space, "", 0.25)])
    assert all(one.at_first == one.then == 0.25 and not one.held for one in stories)
