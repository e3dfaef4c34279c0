"""Inside, everything random depends on the seed; outside, nobody notices."""

import random

import numpy as np
import pytest
import torch

from gensynth.training import seeded


def draws() -> tuple[float, float, float]:
    return float(torch.rand(())), float(np.random.rand()), random.random()  # noqa: NPY002


def test_the_seed_decides_what_is_drawn_inside() -> None:
    with seeded(5):
        first = draws()
    draws()
    with seeded(5):
        second = draws()
    with seeded(6):
        third = draws()
    assert first == second
    assert all(a != b for a, b in zip(first, third, strict=True))


def test_outside_goes_on_as_if_nothing_had_happened() -> None:
    with seeded(1):
        undisturbed = draws(), draws()
    with seeded(1):
        before = draws()
        with seeded(2):
            draws()
        assert (before, draws()) == undisturbed


def test_states_come_back_after_an_error() -> None:
    with seeded(1):
        expected = draws()
    with seeded(1):
        with pytest.raises(ZeroDivisionError), seeded(2):
            _ = 1 / (0 * draws()[0])
        assert draws() == expected


def test_large_seeds_are_taken() -> None:
    with seeded(2**62 + 1):
        first = draws()
    with seeded(2**62 + 2):
        assert draws() != first
