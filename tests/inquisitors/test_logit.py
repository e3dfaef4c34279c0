"""The logit scale: a round trip, and moments and tails against sampling."""

import numpy as np
import pytest

from gensynth.inquisitors.logit import (
    EDGE_ERROR_LOGITS,
    error_in_logits,
    interval_percent,
    percent_moments,
    probability_at_least,
    to_logits,
    to_percent,
)


def test_percent_survives_the_way_there_and_back() -> None:
    percent = np.linspace(1, 99, 50)
    np.testing.assert_allclose(to_percent(to_logits(percent)), percent)


def test_readings_at_the_ends_stay_finite_and_ordered() -> None:
    logits = to_logits(np.array([0.0, 1.0, 99.0, 100.0]))
    assert np.isfinite(logits).all()
    assert (np.diff(logits) > 0).all()


def test_a_standard_error_is_the_change_of_logits_it_causes() -> None:
    step = 0.01
    change = to_logits(90 + step) - to_logits(90 - step)
    assert error_in_logits(90, step) == pytest.approx(change / 2, rel=1e-4)


@pytest.mark.parametrize("percent", [0.0, 100.0])
def test_a_reading_at_an_end_is_never_certain(percent: float) -> None:
    assert error_in_logits(percent, 0.0) >= EDGE_ERROR_LOGITS


@pytest.mark.parametrize(("mean", "deviation"), [(2.0, 0.3), (4.0, 1.0), (-1.0, 0.8)])
def test_moments_and_tail_agree_with_sampling(mean: float, deviation: float) -> None:
    logits = np.random.default_rng(0).normal(mean, deviation, 400_000)
    samples = to_percent(logits)
    one = np.array([mean]), np.array([deviation])
    expected, spread = percent_moments(*one)
    assert expected[0] == pytest.approx(samples.mean(), abs=0.1)
    assert spread[0] == pytest.approx(samples.std(), abs=0.1)
    limit = float(np.quantile(samples, 0.3))
    assert probability_at_least(limit, *one)[0] == pytest.approx(0.7, abs=0.005)


def test_limits_outside_the_scale_are_certain() -> None:
    one = np.array([2.0]), np.array([0.5])
    assert probability_at_least(0, *one) == 1
    assert probability_at_least(100, *one) == 0


@pytest.mark.parametrize(("mean", "deviation"), [(2.0, 0.2), (0.0, 0.5), (-2.0, 0.3)])
def test_an_interval_holds_95_percent_of_what_it_predicts(mean: float, deviation: float) -> None:
    samples = to_percent(np.random.default_rng(0).normal(mean, deviation, 400_000))
    low, high = interval_percent(float(samples.mean()), float(samples.std()))
    assert ((samples > low) & (samples < high)).mean() == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("percent", [0.0, 3.0, 97.0, 100.0])
def test_an_interval_stays_on_the_scale(percent: float) -> None:
    low, high = interval_percent(percent, 30.0)
    assert 0 <= low < high <= 100
