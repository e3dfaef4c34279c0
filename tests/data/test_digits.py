"""The embedded set against scikit-learn itself."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

from gensynth.data.digits import Digits
from gensynth.data.shift import Shift
from gensynth.errors import ConfigurationError


def digits(**changes: Any) -> Digits:
    settings: dict[str, Any] = {
        "search_images": 200,
        "confirm_images": 300,
        "test_images": 300,
        "split_seed": 0,
        "train_images": None,
        "size": 8,
        "augmentation": Shift(shift=1, flip=False, border="zero", seed=0),
    }
    return Digits(**(settings | changes))


def opened(**changes: Any) -> Digits:
    data = digits(**changes)
    data.open_test()
    return data


def test_the_four_splits_together_are_the_bundled_scans() -> None:
    data, read = opened(), Counter[tuple[bytes, int]]()
    for split in ("train", "search", "confirm", "test"):
        images, targets = data.images(split)
        greys = np.rint(images.flatten(1).numpy() * (16 / 255)).astype(np.uint8)
        read.update((g.tobytes(), int(y)) for g, y in zip(greys, targets, strict=True))
    scans, targets = load_digits(return_X_y=True)
    pairs = zip(scans.astype(np.uint8), targets, strict=True)
    assert read == Counter((scan.tobytes(), int(y)) for scan, y in pairs)
    assert data.counts == {"train": 997, "search": 200, "confirm": 300, "test": 300}
    assert digits().counts == data.counts


def test_the_stated_scale_is_the_scans_own() -> None:
    pixels = load_digits().data / 16
    data = digits()
    assert data.mean[0] == pytest.approx(pixels.mean(), abs=1e-3)
    assert data.std[0] == pytest.approx(pixels.std(), abs=1e-3)


def test_test_images_do_not_depend_on_the_split_seed() -> None:
    one, other = opened(), opened(split_seed=1)
    assert one.images("test")[0].equal(other.images("test")[0])
    assert not one.images("search")[0].equal(other.images("search")[0])
    assert one.digest != other.digest


def test_a_larger_size_puts_background_around_the_scan() -> None:
    small, large = digits().images("search")[0], digits(size=11).images("search")[0]
    assert digits(size=11).input_shape == (1, 11, 11)
    assert large[:, :, 1:9, 1:9].equal(small)
    assert large.sum() == small.sum()


@pytest.mark.parametrize(
    ("change", "named"), [({"size": 7}, "data.size=7"), ({"test_images": 1797}, "test_images=1797")]
)
def test_impossible_settings_are_refused_by_name(change: dict[str, int], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        digits(**change)
