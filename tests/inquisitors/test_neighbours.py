"""Counting among neighbours: the prior far away, the count nearby."""

import numpy as np
import pytest

from gensynth.inquisitors.neighbours import NeighbourCount

BEFORE = (1.9, 0.1)


def counted(held: list[bool], where: list[float]) -> NeighbourCount:
    return NeighbourCount(np.array(where).reshape(-1, 1), np.array(held, dtype=np.bool_), BEFORE)


def test_without_observations_the_prior_speaks() -> None:
    assert counted([], []).probability(np.zeros((2, 1))) == pytest.approx(0.95)


def test_at_the_place_itself_observations_count_fully() -> None:
    count = counted([False, False, True], [0.0, 0.0, 0.0])
    assert count.probability(np.zeros((1, 1)))[0] == pytest.approx((1.9 + 1) / (2 + 3))


def test_a_failure_matters_less_with_distance() -> None:
    chance = counted([False], [0.0]).probability(np.array([[0.0], [0.3], [1.0], [10.0]]))
    assert (np.diff(chance) > 0).all()
    assert chance[-1] == pytest.approx(0.95)
