"""What a state says: certainty between even and decided, settings read out of whole designs."""

import math

import pytest

from gensynth.report.beliefs import Belief, beliefs


def test_certainty_is_nothing_where_all_is_even_and_whole_where_all_is_decided() -> None:
    even, decided = Belief(("a", "b", "c"), (1 / 3,) * 3), Belief(("a", "b"), (0.0, 1.0))
    assert math.isclose(even.certainty, 0.0, abs_tol=1e-12)
    assert decided.certainty == 1.0
    assert decided.likeliest == "b"
    assert 0 < Belief(("a", "b"), (0.3, 0.7)).certainty < 1


def test_distance_is_the_probability_that_moved() -> None:
    old, new = Belief(("a", "b"), (0.5, 0.5)), Belief(("a", "b"), (0.2, 0.8))
    assert math.isclose(old.distance(new), 0.3)
    assert old.distance(old) == 0


def test_a_generator_of_whole_designs_is_read_setting_by_setting() -> None:
    state = {
        "kind": "uniform",
        "designs": [
            {"operation": "dense", "width_ratio": 1.0, "probability": 0.2},
            {"operation": "dense", "width_ratio": 0.5, "probability": 0.3},
            {"operation": "separable", "width_ratio": 0.5, "probability": 0.5},
        ],
    }
    found = beliefs(state)
    assert found["operation"] == Belief(("dense", "separable"), (0.5, 0.5))
    assert found["width_ratio"].probabilities == pytest.approx((0.2, 0.8))


def test_a_state_of_another_kind_says_nothing() -> None:
    assert beliefs({}) == {}
    assert beliefs({"kind": "mine", "weights": [1, 2]}) == {}
