"""Resamples are draws with replacement, and their percentiles cover what they should."""

import numpy as np

from gensynth.tasks.bootstrap import RESAMPLES, interval, resample


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_every_resample_holds_as_many_images_and_follows_from_its_rng() -> None:
    weights = resample(7, rng())
    assert weights.shape == (RESAMPLES, 7)
    assert (weights.sum(1) == 7).all()
    assert (weights == np.rint(weights)).all()
    np.testing.assert_array_equal(weights, resample(7, rng()))
    assert (resample(1, rng()) == 1).all()


def test_a_mean_is_covered_as_often_as_the_interval_says() -> None:
    draws = np.random.default_rng(1)
    covered = 0
    weights = resample(60, rng())
    for _ in range(200):
        values = draws.exponential(1.0, 60)
        low, high = interval(weights @ values / 60)
        covered += low <= 1.0 <= high
    # 95 % of 200 with three binomial standard deviations, and a little for skewed values.
    assert 175 <= covered <= 199
