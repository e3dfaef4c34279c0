"""Usable class information against Monte Carlo, an independent discriminant, and laws."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from gensynth_plugins.mutual_info import usable_information
from gensynth_plugins.mutual_info.usable_information import (
    evidence_nats,
    usable_information_bits,
)

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


def gaussian_classes(
    means: Array, n: int, rng: np.random.Generator, mixing: Array | None = None
) -> tuple[Array, Labels]:
    """Draw n rows of equally likely classes: N(means[k], mixing mixing')."""
    classes = rng.integers(0, len(means), n)
    noise = rng.normal(size=(n, means.shape[1]))
    return means[classes] + (noise if mixing is None else noise @ mixing.T), classes


def information(features: Array, classes: Labels, seed: int = 0, shrinkage: float = 0.02) -> Array:
    return usable_information_bits(
        features, classes, folds=5, shrinkage=shrinkage, rng=np.random.default_rng(seed)
    )


def true_information_bits(means: Array, rng: np.random.Generator, mixing: Array) -> float:
    """Monte-Carlo mutual information of class and row, from the true densities."""
    x, classes = gaussian_classes(means, 200_000, rng, mixing)
    precision = np.linalg.inv(mixing @ mixing.T)
    logits = x @ precision @ means.T - 0.5 * np.einsum("ki,ij,kj->k", means, precision, means)
    logits -= logits.max(1, keepdims=True)
    log_p = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    return float((np.log(len(means)) + log_p[np.arange(len(x)), classes].mean()) / np.log(2))


@pytest.mark.parametrize("seed", range(4))
def test_shuffled_labels_tell_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    features, classes = gaussian_classes(rng.normal(size=(10, 64)), 1000, rng)
    assert information(features, classes)[-1] > 2
    curve = information(features, rng.permutation(classes))
    assert np.abs(curve).max() < 0.02
    assert abs(curve.mean()) < 0.005


def test_the_known_information_of_gaussian_classes_is_found() -> None:
    rng = np.random.default_rng(1)
    means = rng.normal(size=(4, 6)) * 0.8
    mixing: Array = np.array(np.linalg.cholesky(0.5 * np.eye(6) + 0.5), dtype=np.float64)
    features, classes = gaussian_classes(means, 20_000, rng, mixing)
    curve = information(features, classes, shrinkage=1e-6)
    for width in (1, 3, 6):
        true = true_information_bits(means[:, :width], rng, mixing[:width, :width])
        assert curve[width - 1] == pytest.approx(true, abs=0.02)


def test_a_planted_channel_is_found_where_it_is() -> None:
    rng = np.random.default_rng(2)
    features, classes = gaussian_classes(np.zeros((5, 12)), 1000, rng)
    features[:, 7] += 1.5 * classes
    gains = np.diff(information(features, classes), prepend=0)
    assert np.argmax(gains) == 7
    assert gains[7] > 0.5
    assert np.abs(np.delete(gains, 7)).max() < 0.05


def test_channels_that_only_help_together_are_counted_together() -> None:
    rng = np.random.default_rng(3)
    classes = rng.integers(0, 2, 2000)
    noise = rng.normal(size=2000) * 20
    first, second = classes - 0.5 + noise, noise
    alone = [information(one[:, None], classes)[0] for one in (first, second)]
    assert max(alone) < 0.01
    jointly = information(np.column_stack([first, second]), classes, shrinkage=1e-6)
    assert jointly[-1] > 0.9


def test_never_above_the_entropy_of_the_class() -> None:
    rng = np.random.default_rng(4)
    features, classes = gaussian_classes(np.eye(3) * 60, 600, rng)
    curve = information(features, classes)
    shares = np.bincount(classes) / len(classes)
    entropy = float(-(shares * np.log2(shares)).sum())
    assert curve.max() <= entropy + 1e-12
    assert curve[-1] == pytest.approx(entropy, abs=1e-3)


@pytest.mark.parametrize("shrinkage", [0.02, 0.3])
@pytest.mark.parametrize("channels_at_a_time", [1, 3, 8])
def test_evidence_equals_a_discriminant_fitted_anew_for_every_width(
    shrinkage: float, channels_at_a_time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usable_information, "BLOCK_BYTES", channels_at_a_time * 4 * 100 * 8)
    rng = np.random.default_rng(5)
    mixing = rng.normal(size=(8, 8))
    features, classes = gaussian_classes(rng.normal(size=(4, 8)), 400, rng, mixing)
    known, unknown, labels = features[:300], features[300:], classes[:300]
    prior = np.bincount(labels) / 300
    gains = np.concatenate(list(evidence_nats(known, labels, unknown, prior, shrinkage)))
    # shrinking towards the diagonal is shrinking scaled channels towards the identity
    deviation = (known - np.stack([known[labels == k].mean(0) for k in range(4)])[labels]).std(0)
    for width in range(1, 9):
        oracle = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage)
        oracle.fit((known / deviation)[:, :width], labels)
        expected = oracle.predict_log_proba((unknown / deviation)[:, :width])
        logits = (gains[width - 1] + np.log(prior)[:, None]).T
        actual = logits - np.log(np.exp(logits).sum(1, keepdims=True))
        np.testing.assert_allclose(actual, expected, atol=1e-6)


def test_scaling_and_shifting_channels_changes_nothing() -> None:
    rng = np.random.default_rng(6)
    features, classes = gaussian_classes(rng.normal(size=(3, 5)), 300, rng)
    moved = features * np.array([1e-3, 1.0, 1e4, -2.0, 7.0]) + np.array([5.0, 0.0, -1e3, 2.0, 0.0])
    np.testing.assert_allclose(information(moved, classes), information(features, classes))


def test_dead_channels_copies_and_more_channels_than_rows_are_harmless() -> None:
    rng = np.random.default_rng(7)
    features, classes = gaussian_classes(rng.normal(size=(3, 4)), 90, rng)
    dead = np.zeros((90, 2))
    wide = np.concatenate([features, dead, features, rng.normal(size=(90, 120))], axis=1)
    curve = information(wide, classes, shrinkage=0.05)
    assert np.isfinite(curve).all()
    np.testing.assert_allclose(curve[4:6], curve[3])
    assert curve[9] == pytest.approx(curve[3], abs=0.1)


def test_a_single_class_has_no_information() -> None:
    features = np.random.default_rng(8).normal(size=(30, 3))
    np.testing.assert_allclose(information(features, np.full(30, 4)), 0, atol=1e-12)


def test_rows_of_one_group_never_tell_about_each_other() -> None:
    rng = np.random.default_rng(9)
    groups = np.repeat(np.arange(60), 10)
    classes = np.repeat(rng.integers(0, 3, 60), 10)
    features = rng.normal(size=(60, 40))[groups] + 0.01 * rng.normal(size=(600, 40))
    leaking = information(features, classes)
    honest = usable_information_bits(
        features, classes, folds=5, shrinkage=0.02, rng=np.random.default_rng(0), groups=groups
    )
    assert leaking[-1] > 0.5
    assert honest.max() < 0.1
