"""Costs of many designs at once equal the counts of the graphs they build, exactly."""

from collections.abc import Callable

import numpy as np
import pytest

from gensynth.design import segments
from gensynth.design.space import Designs, DesignSpace

Drawn = Callable[..., Designs]


def test_costs_are_those_of_the_graphs(space: DesignSpace, drawn: Drawn) -> None:
    designs = drawn(space, 300)
    costs = space.costs(designs)
    for place, design in enumerate(designs):
        graph = space.apply(design)
        assert graph.parameters == costs.parameters[place]
        assert graph.macs == costs.macs[place]


def test_a_row_costs_what_it_costs_alone(space: DesignSpace, drawn: Drawn) -> None:
    designs = drawn(space, 20, seed=3)
    together = space.costs(designs)
    alone = [space.costs(design[None]) for design in designs]
    assert together.parameters.tolist() == [int(c.parameters[0]) for c in alone]
    assert together.macs.tolist() == [int(c.macs[0]) for c in alone]


def test_no_designs_cost_nothing(space: DesignSpace) -> None:
    costs = space.costs(np.zeros((0, len(space.choices)), dtype=np.int64))
    assert costs.parameters.shape == costs.macs.shape == (0,)


def test_forgotten_contexts_are_worked_out_again(
    space: DesignSpace, drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    designs = drawn(space, 50, seed=4)
    before = space.costs(designs)
    monkeypatch.setattr(segments, "CONTEXTS_KEPT", 0)
    again = space.costs(np.concatenate([drawn(space, 50, seed=5), designs]))
    assert again.parameters[50:].tolist() == before.parameters.tolist()
    assert again.macs[50:].tolist() == before.macs.tolist()
