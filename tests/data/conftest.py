"""A made CIFAR-10 release in the official layout, and a tiny image set with known pixels."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gensynth.data.cifar10 import Cifar10
from gensynth.data.shift import Shift

Batch = dict[bytes, Any]
NAMES = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")


def made_batch(name: str, rows: int) -> Batch:
    rng = np.random.default_rng(list(name.encode()))
    pixels: NDArray[np.uint8] = rng.integers(0, 256, (rows, 3072), dtype=np.uint8)
    return {
        b"batch_label": name.encode(),
        b"labels": [row % 10 for row in range(rows)],
        b"data": pixels,
        b"filenames": [b"made_%06d.png" % row for row in range(rows)],
    }


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Return a data folder that holds six batches of 20 images."""
    folder = tmp_path / "data" / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for name in NAMES:
        (folder / name).write_bytes(pickle.dumps(made_batch(name, 20), protocol=2))
    return folder.parent


@pytest.fixture
def cifar10(release: Path) -> Callable[..., Cifar10]:
    """Return a function that makes a data module of the made release."""

    def make(**changes: Any) -> Cifar10:
        settings: dict[str, Any] = {
            "data_dir": release,
            "download": False,
            "search_images": 20,
            "confirm_images": 30,
            "split_seed": 0,
            "train_images": None,
            "augmentation": Shift(shift=4, flip=True, border="reflect", seed=0),
        }
        return Cifar10(**(settings | changes))

    return make
