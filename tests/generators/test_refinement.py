"""Refinement finds the best within two choices, legal and allowed, and stops where nothing is."""

import numpy as np
import pytest
from numpy.typing import NDArray

from gensynth.design.space import DesignSpace, derive
from gensynth.generators.generator import Designs
from gensynth.generators.refinement import refined
from gensynth.prototypes.detectnet import detectnet
from gensynth.testing.generator_suite import KnownOptimum


def everything(designs: Designs) -> NDArray[np.bool_]:
    return np.ones(len(designs), dtype=np.bool_)


def random_designs(space: DesignSpace, count: int) -> Designs:
    rng = np.random.default_rng(0)
    return space.repair(rng.integers(0, space.options_per_choice, (count, len(space.choices))))


def test_refining_changes_two_choices_for_the_better_and_stays_within_bounds(
    space: DesignSpace, optimum: KnownOptimum
) -> None:
    best = optimum.best
    drawn = random_designs(space, 200)

    def likeness(designs: Designs) -> NDArray[np.float64]:
        return np.asarray((designs == best).mean(1))

    found = refined(space, everything, drawn, likeness)
    near = 2 / len(space.choices)
    assert likeness(found)[0] == pytest.approx(likeness(drawn).max() + near)
    closer = np.where(np.arange(len(best)) < 2, (best + 1) % space.options_per_choice, best)
    np.testing.assert_array_equal(refined(space, everything, closer[None], likeness)[0], best)
    (least,) = space.costs(best[None]).macs

    def allowed(designs: Designs) -> NDArray[np.bool_]:
        return np.asarray(space.costs(designs).macs <= 0.9 * least)

    within = refined(space, allowed, drawn[allowed(drawn)], likeness)
    assert allowed(within).all()
    assert likeness(within)[0] >= likeness(drawn[allowed(drawn)]).max()
    assert not allowed(best[None]).any()


def test_refining_keeps_a_branch_of_every_concat() -> None:
    graph = detectnet((3, 32, 32), 1, width=0.125, norm="batch", large_kernel=3, dropout=0.0)
    space = derive(
        graph,
        width_ratios=[],
        width_multiple=4,
        operations=[],
        kernels=[],
        keep=True,
        downsampling=False,
        frozen=["inception4*", "inception5*"],
    )

    def cheap(designs: Designs) -> NDArray[np.float64]:
        return -space.costs(designs).macs.astype(np.float64)

    drawn = random_designs(space, 2)
    found = refined(space, everything, drawn, cheap)
    assert cheap(found).max() > cheap(drawn).max()
    for design in found:
        space.apply(design.tolist())


def test_refining_ends_where_nothing_is_better(space: DesignSpace) -> None:
    drawn = random_designs(space, 5)
    asked: list[int] = []

    def flat(designs: Designs) -> NDArray[np.float64]:
        asked.append(len(designs))
        return np.zeros(len(designs))

    np.testing.assert_array_equal(refined(space, everything, drawn, flat), drawn)
    assert len(asked) < 10
