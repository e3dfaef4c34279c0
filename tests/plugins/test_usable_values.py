"""Usable information about numbers against the normal distribution's, and laws."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LinearRegression

from gensynth_plugins.mutual_info.usable_values import usable_value_bits

Array = NDArray[np.float64]


def information(features: Array, values: Array, *, shrinkage: float = 0.001) -> Array:
    rng = np.random.default_rng(0)
    return usable_value_bits(features, values, folds=5, shrinkage=shrinkage, rng=rng)


def test_one_channel_in_noise_tells_what_the_normal_distribution_says() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(20_000, 2))
    features = values @ np.array([[1.0, 0.5], [0, 1]]) + rng.normal(size=(20_000, 2)) @ np.diag(
        [0.5, 0.1]
    )
    joint = np.cov(np.hstack([features, values]).T)
    expected = 0.0
    for number in (2, 3):
        rest = joint[number, number] - joint[number, :2] @ np.linalg.solve(
            joint[:2, :2], joint[:2, number]
        )
        expected += 0.5 * np.log2(joint[number, number] / rest)
    assert information(features, values)[-1] == pytest.approx(expected, abs=0.03)


def test_leading_channels_are_read_as_if_there_were_no_others() -> None:
    rng = np.random.default_rng(2)
    features = rng.normal(size=(600, 6)) @ rng.normal(size=(6, 6))
    values = features[:, :4] @ rng.normal(size=(4, 3)) + rng.normal(size=(600, 3))
    whole = information(features, values)
    for width in (1, 3, 6):
        assert information(features[:, :width], values)[-1] == pytest.approx(whole[width - 1])


def test_it_is_what_a_regression_leaves_over() -> None:
    rng = np.random.default_rng(3)
    features = rng.normal(size=(4000, 5))
    values = (features @ rng.normal(size=5) + 2 * rng.normal(size=4000))[:, None]
    rest = values - LinearRegression().fit(features, values).predict(features)
    expected = 0.5 * np.log2(values.var() / rest.var())
    assert information(features, values)[-1] == pytest.approx(expected, abs=0.02)


def test_shuffled_numbers_and_constant_channels_tell_nothing() -> None:
    rng = np.random.default_rng(4)
    features = rng.normal(size=(500, 40))
    values = features[:, :2] + 0.1
    assert information(features, values, shrinkage=0.1)[-1] > 2
    curve = information(features, rng.permutation(values), shrinkage=0.1)
    assert np.abs(curve).max() < 0.05
    assert np.abs(information(np.ones((500, 3)), values)).max() < 1e-9


def test_rows_of_one_image_stay_together() -> None:
    rng = np.random.default_rng(5)
    images = np.repeat(np.arange(50), 20)
    names, levels = rng.normal(size=(50, 30)), rng.normal(size=(50, 1))
    curve = usable_value_bits(
        names[images], levels[images], folds=5, shrinkage=0.1, rng=rng, groups=images
    )
    assert curve[-1] < 0.2  # the channels name the image, which tells nothing of another one
