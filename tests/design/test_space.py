"""The design space: designs, their names and what is refused."""

import json
import pickle
from collections.abc import Callable
from math import prod

import numpy as np
import pytest

from gensynth.design.space import Designs, DesignSpace
from gensynth.errors import InvalidDesign

Drawn = Callable[..., Designs]


def test_the_size_is_the_product_of_the_options(space: DesignSpace) -> None:
    assert space.size == prod(space.options_per_choice.tolist()) == space.reach().designs


def test_names_are_unique_and_positions_fit(space: DesignSpace) -> None:
    assert [space.choices[i].name for i in space.position.values()] == list(space.position)
    assert len(space.position) == len(space.choices)


def test_descriptions_survive_json(space: DesignSpace, drawn: Drawn) -> None:
    for design in drawn(space, 20):
        text = json.dumps(space.describe(design))
        assert space.from_description(json.loads(text)) == tuple(design.tolist())
    assert space.from_description({}) == space.prototype_design


def test_a_pickled_space_is_the_same(space: DesignSpace, drawn: Drawn) -> None:
    again, designs = pickle.loads(pickle.dumps(space)), drawn(space, 30)  # noqa: S301 - our own
    assert again.choices == space.choices
    assert again.costs(designs).macs.tolist() == space.costs(designs).macs.tolist()
    assert again.digest(designs[0]) == space.digest(designs[0])


def test_designs_of_the_wrong_length_are_refused(space: DesignSpace) -> None:
    for wrong in (space.prototype_design[:-1], (*space.prototype_design, 0)):
        with pytest.raises(InvalidDesign, match=f"a design is {len(space.choices)} option indices"):
            space.apply(wrong)
    with pytest.raises(InvalidDesign, match="whole numbers"):
        space.costs(np.full((1, len(space.choices)), 0.5))


@pytest.mark.parametrize("option", [-1, 99])
def test_options_that_do_not_exist_are_refused(space: DesignSpace, option: int) -> None:
    designs = np.array([space.prototype_design] * 3)
    designs[2, -1] = option
    assert space.legal(designs).tolist() == [True, True, False]
    for use in (space.costs, space.repair, space.active):
        with pytest.raises(InvalidDesign, match=rf"design 2: .* has options 0 to .*, got {option}"):
            use(designs)


def test_unknown_names_and_options_are_refused(inception: DesignSpace) -> None:
    with pytest.raises(InvalidDesign, match=r"no choice 'a\.1x1\.kep'; near it: a\.1x1\.keep"):
        inception.from_description({"a.1x1.kep": True})
    with pytest.raises(InvalidDesign, match=r"a\.3x3\.body\.kernel has no option 4"):
        inception.from_description({"a.3x3.body.kernel": 4})
    dropped = {f"b.{name}.keep": False for name in ("conv", "deep", "pool")}
    with pytest.raises(InvalidDesign, match="drops all inputs of a concat"):
        inception.from_description(dropped)
