"""Vertices are canonical: what was left out equals what was written out."""

import pytest

from gensynth.graph.vertex import vertex


def test_defaults_are_filled_in_and_order_does_not_matter() -> None:
    short = vertex("c", "conv", ["x"], kernel=3, channels=8)
    long = vertex("c", "conv", ["x"], channels=8, kernel=3, stride=1, bias=False)
    assert short == long
    assert short["stride"] == 1
    assert short["bias"] is False


def test_an_unknown_attribute_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        vertex("r", "relu", ["x"])["channels"]


def test_the_rule_is_the_operation_of_that_name() -> None:
    assert vertex("r", "relu", ["x"]).rule.name == "relu"
