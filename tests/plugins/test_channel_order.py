"""The order of channels against brute force."""

import itertools

import numpy as np
import pytest

from gensynth_plugins.mutual_info.channel_order import channel_order
from gensynth_plugins.mutual_info.usable_information import usable_information_bits


def test_every_channel_is_named_once_and_the_informative_come_first() -> None:
    rng = np.random.default_rng(0)
    classes = rng.integers(0, 4, 800)
    features = rng.normal(size=(800, 10))
    strength = np.array([0, 3, 0, 0.5, 0, 0, 1.5, 0, 0, 0])
    features += strength * classes[:, None]
    order = channel_order(features, classes, shrinkage=0.01)
    assert sorted(order) == list(range(10))
    assert order[:3] == (1, 6, 3)


def test_a_copy_comes_last() -> None:
    rng = np.random.default_rng(1)
    classes = rng.integers(0, 3, 500)
    features = rng.normal(size=(500, 4)) + rng.normal(size=(3, 4))[classes] * [3.0, 2.0, 1.0, 0.5]
    strongest = channel_order(features, classes, shrinkage=1e-6)[0]
    copied = np.concatenate([features, features[:, [strongest]]], axis=1)
    assert channel_order(copied, classes, shrinkage=1e-6)[-1] in (strongest, 4)


def test_a_channel_that_helps_only_with_another_follows_it() -> None:
    rng = np.random.default_rng(2)
    classes = rng.integers(0, 2, 1000)
    noise = rng.normal(size=1000)
    features = rng.normal(size=(1000, 5))
    features[:, 3] = classes + noise
    features[:, 1] = noise + 0.05 * rng.normal(size=1000)  # alone it knows nothing
    features[:, 0] += 0.3 * classes
    assert channel_order(features, classes, shrinkage=1e-6)[:2] == (3, 1)


def test_each_step_is_the_brute_force_best_by_wilks_lambda() -> None:
    rng = np.random.default_rng(3)
    classes = rng.integers(0, 3, 300)
    features = rng.normal(size=(300, 6)) @ rng.normal(size=(6, 6))
    features += rng.normal(size=(3, 6))[classes]
    order = channel_order(features, classes, shrinkage=1e-9)
    means = np.stack([features[classes == k].mean(0) for k in range(3)])
    within, total = np.cov((features - means[classes]).T), np.cov(features.T)

    def criterion(chosen: tuple[int, ...]) -> float:
        part = np.ix_(chosen, chosen)
        return float(np.linalg.slogdet(total[part])[1] - np.linalg.slogdet(within[part])[1])

    for step in range(6):
        before, rest = order[:step], order[step:]
        assert criterion((*before, order[step])) == pytest.approx(
            max(criterion((*before, other)) for other in rest)
        )


def test_leading_channels_in_order_keep_more_than_channels_at_random() -> None:
    rng = np.random.default_rng(4)
    classes = rng.integers(0, 10, 1000)
    hidden = rng.normal(size=(10, 6))[classes] + rng.normal(size=(1000, 6))
    features = np.maximum(hidden @ rng.normal(size=(6, 24)) + rng.normal(size=(1000, 24)), 0)

    def area(channels: tuple[int, ...]) -> float:
        curve = usable_information_bits(
            features[500:, list(channels)],
            classes[500:],
            folds=5,
            shrinkage=0.05,
            rng=np.random.default_rng(0),
        )
        return float(curve.mean())

    ordered = area(channel_order(features[:500], classes[:500], shrinkage=0.05))
    random = [area(tuple(rng.permutation(24).tolist())) for _ in itertools.repeat(None, 8)]
    assert ordered > max(random)
