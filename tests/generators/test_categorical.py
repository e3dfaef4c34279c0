"""Arithmetic of categorical distributions against brute force."""

import itertools
from functools import partial

import numpy as np
import pytest

from gensynth.generators import categorical
from gensynth.generators.categorical import Probabilities

OLD = [np.array([0.2, 0.3, 0.5]), np.array([0.6, 0.4])]
NEW = [np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.9])]


def joint(probabilities: Probabilities) -> dict[tuple[int, ...], float]:
    options = itertools.product(*(range(len(p)) for p in probabilities))
    return {
        o: float(np.prod([p[i] for p, i in zip(probabilities, o, strict=True)])) for o in options
    }


def test_divergence_is_that_of_the_joint_distribution() -> None:
    new, old = joint(NEW), joint(OLD)
    expected = sum(new[o] * np.log(new[o] / old[o]) for o in new)
    assert categorical.divergence_nats(NEW, OLD) == pytest.approx(expected)
    assert categorical.divergence_nats(OLD, OLD) == 0


def test_an_option_without_probability_adds_nothing() -> None:
    sure = [np.array([1.0, 0.0, 0.0]), np.array([0.6, 0.4])]
    assert categorical.divergence_nats(sure, OLD) == pytest.approx(np.log(1 / 0.2))
    assert categorical.entropy_nats(sure[:1]) == 0


def test_entropy_is_that_of_the_joint_distribution() -> None:
    expected = -sum(p * np.log(p) for p in joint(OLD).values())
    assert categorical.entropy_nats(OLD) == pytest.approx(expected)


def test_inverse_cdf_draws_each_option_with_its_probability() -> None:
    numbers = np.random.default_rng(0).random((40_000, 2))
    drawn = categorical.inverse_cdf(OLD, numbers)
    for choice, vector in enumerate(OLD):
        shares = np.bincount(drawn[:, choice]) / len(drawn)
        np.testing.assert_allclose(shares, vector, atol=0.01)


def test_inverse_cdf_stays_inside_at_the_edges() -> None:
    thirds = [np.full(3, 1 / 3), np.array([0.0, 1.0])]
    edges = np.array([[0.0, 0.0], [np.nextafter(1, 0), np.nextafter(1, 0)]])
    np.testing.assert_array_equal(categorical.inverse_cdf(thirds, edges), [[0, 1], [2, 1]])


def test_the_floor_lifts_and_leaves_the_rest_in_proportion() -> None:
    lifted = categorical.with_floor(np.array([0.0, 0.2, 0.8]), 0.05)
    assert lifted.min() == pytest.approx(0.05)
    assert lifted.sum() == pytest.approx(1)
    assert (lifted[2] - 0.05) / (lifted[1] - 0.05) == pytest.approx(0.75 / 0.15)
    np.testing.assert_allclose(categorical.with_floor(lifted, 0.05), lifted, atol=1e-15)


def test_evening_goes_from_what_is_there_to_equal_chances_and_keeps_the_order() -> None:
    for power, expected in ((1.0, OLD[0]), (0.0, np.full(3, 1 / 3))):
        np.testing.assert_allclose(categorical.evened(OLD, power)[0], expected)
    (half,) = categorical.evened([np.array([0.64, 0.36])], 0.5)
    np.testing.assert_allclose(half, [0.8 / 1.4, 0.6 / 1.4])


@pytest.mark.parametrize("limit", [1e-6, 0.1, 0.5])
def test_the_largest_step_ends_on_the_limit(limit: float) -> None:
    path = partial(categorical.mix, OLD, NEW)
    share = categorical.largest_step(path, OLD, limit)
    assert 0 < share < 1
    reached = categorical.divergence_nats(path(share), OLD)
    assert reached <= limit
    assert reached == pytest.approx(limit, rel=1e-6)


def test_a_step_within_the_limit_is_taken_whole() -> None:
    assert categorical.largest_step(partial(categorical.mix, OLD, NEW), OLD, 100.0) == 1


def test_weighted_designs_tilt_the_choices_that_are_active_in_them() -> None:
    designs = np.array([[0, 1], [2, 0], [2, 1]])
    active = np.array([[True, True], [True, False], [False, True]])
    first, second = categorical.tilted(OLD, designs, active, np.array([0.5, -0.3, -0.2]))
    np.testing.assert_allclose(first, [0.2 + 0.5 - 0.2 * 0.2, 0.3 - 0.2 * 0.3, 0.5 - 0.3 - 0.1])
    np.testing.assert_allclose(second, [0.6 - 0.3 * 0.6, 0.4 + 0.5 - 0.2 - 0.3 * 0.4])


def test_the_tilt_is_the_gradient_of_expected_value_by_natural_parameters() -> None:
    rng = np.random.default_rng(0)
    value = rng.normal(size=(3, 2))
    designs = categorical.inverse_cdf(OLD, rng.random((200_000, 2)))
    values = value[designs[:, 0], designs[:, 1]]
    advantages = (values - values.mean()) / len(values)
    first, _ = categorical.tilted(OLD, designs, np.ones_like(designs, dtype=np.bool_), advantages)
    by_option = value @ OLD[1]  # expected value of each option of the first choice
    np.testing.assert_allclose(first - OLD[0], OLD[0] * (by_option - OLD[0] @ by_option), atol=0.01)
