"""Scenes are functions of their settings; splits share no scan; labels lie on digits."""

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

from gensynth.data.partition import Split
from gensynth.data.scenes import DRAWS, SCAN_SHARES, Scenes, scans_of, scene
from gensynth.data.warp import Warp
from gensynth.errors import ConfigurationError

WARP = Warp(smallest=0.8, largest=1.2, flip=False, colour=0.1, seed=0)


def scenes(**changes: Any) -> Scenes:
    settings: dict[str, Any] = {
        "input_size": (40, 56),
        "train_images": 60,
        "search_images": 10,
        "confirm_images": 12,
        "test_images": 14,
        "seed": 0,
        "augmentation": WARP,
    }
    return Scenes(**(settings | changes))


def test_splits_have_the_sizes_asked_for() -> None:
    data = scenes()
    assert data.counts == {"train": 60, "search": 10, "confirm": 12, "test": 14}
    data.open_test()
    splits: tuple[Split, ...] = ("train", "search", "confirm", "test")
    for split in splits:
        images, labels = data.images(split)
        assert images.shape[1:] == (3, 40, 56)
        assert labels.shape == (data.counts[split], 40, 56)


def test_the_seed_decides_everything() -> None:
    assert scenes().digest == scenes().digest
    assert scenes().digest != scenes(seed=1).digest
    more = scenes(train_images=70)
    np.testing.assert_array_equal(more.images("train")[0][:60], scenes().images("train")[0])


def test_splits_share_no_scan_and_hold_all_digits() -> None:
    found = {split: scans_of(split) for split in SCAN_SHARES}
    assert sum(len(scans) for scans, _ in found.values()) == len(load_digits().data)
    seen = [scan.tobytes() for scans, _ in found.values() for scan in np.unique(scans, axis=0)]
    # A handful of the scans are alike to the last pixel.
    assert len(seen) - len(set(seen)) < 5
    assert all(set(digits) == set(range(10)) for _, digits in found.values())


def test_every_class_occurs_and_background_most() -> None:
    labels = scenes().images("train")[1].numpy()
    shares = np.bincount(labels.ravel(), minlength=11) / labels.size
    assert 0.6 < shares[0] < 0.95
    assert shares[1:].min() > 0.003


def test_labels_lie_where_a_digit_was_painted() -> None:
    ink = np.ones((1, 8, 8))
    draws = np.random.default_rng(0).random(DRAWS)
    drawn = scene(ink, np.array([6]), (48, 64), draws)
    blank = scene(np.zeros((1, 8, 8)), np.array([6]), (48, 64), draws)
    labels = drawn.labels
    assert set(np.unique(labels)) == {0, 7}
    assert not blank.labels.any()
    changed = (drawn.image != blank.image).any(-1)
    assert changed[labels == 7].mean() > 0.99
    # Four digits of 16 or 24 pixels a side, none on another.
    areas = {16 * 16, 24 * 24}
    assert any(
        int((labels == 7).sum()) == sum(some)
        for some in np.array(np.meshgrid(*4 * [[0, *areas]])).reshape(4, -1).T
    )
    boxed = np.zeros((48, 64), dtype=np.bool_)
    for left, top, right, bottom in drawn.boxes.astype(int):
        boxed[top:bottom, left:right] = True
    np.testing.assert_array_equal(boxed, labels == 7)
    assert blank.boxes.shape == (0, 4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input_size": (31, 64)}, r"data.input_size=\[31, 64\] must be height and width, 32"),
        ({"search_images": 0}, "data.search_images=0 must be 1 or more"),
    ],
)
def test_wrong_settings_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        scenes(**changes)
