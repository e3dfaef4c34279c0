"""The embedded set: 1,797 scanned handwritten digits that come with scikit-learn."""

import hashlib
from typing import final

import numpy as np
from sklearn.datasets import load_digits

from gensynth.data.augmentation import Augmentation
from gensynth.data.data_module import Contents, Facts, ImageData
from gensynth.data.partition import Partition, stratified_order
from gensynth.errors import ConfigurationError

_SIDE = 8
_GREYS = 16
_TEST_SEED = 1797
"""The test images are always the same: they are cut off before `split_seed` is looked at."""
LICENCE = (
    "CC BY 4.0: Optical Recognition of Handwritten Digits (Alpaydin and Kaynak 1998, UCI Machine"
    " Learning Repository), as bundled with scikit-learn"
)


@final
class Digits(ImageData):
    """Real scans, 8 x 8, one channel, ten classes (Alpaydin and Kaynak 1998); needs no files.

    Args:
        search_images: images of the search split.
        confirm_images: images of the confirm split.
        test_images: images of the test split.
        split_seed: of the division of the others into train, search and confirm.
        train_images: train on only so many of the remaining images, or None for all.
        size: side of the images in pixels; above 8, background is added around the scan.
        augmentation: of train images.

    Raises:
        ConfigurationError: a size below 8, or no room for the test images.
    """

    licence = LICENCE
    preparation = (
        "scans of 8 x 8 whose ink, 0 (none) to 16, is multiplied by 255 / 16; larger inputs have "
        "them in the middle of a frame of 0"
    )

    def __init__(
        self,
        *,
        search_images: int,
        confirm_images: int,
        test_images: int,
        split_seed: int,
        train_images: int | None,
        size: int,
        augmentation: Augmentation,
    ) -> None:
        if size < _SIDE:
            raise ConfigurationError(f"data.size={size} must be {_SIDE} or more")
        if not 1 <= test_images < 1797:
            raise ConfigurationError(f"data.test_images={test_images} must lie in 1..1796")
        facts = Facts(
            name="digits",
            input_shape=(1, size, size),
            classes=tuple(str(digit) for digit in range(10)),
            mean=(0.305,),
            std=(0.376,),
        )
        partition = Partition(
            search_images=search_images,
            confirm_images=confirm_images,
            train_images=train_images,
            seed=split_seed,
        )
        super().__init__(facts, partition=partition, augmentation=augmentation)
        self._test_images = test_images

    def read_training(self) -> Contents:
        """Return all scans but the test images."""
        return self._read(slice(self._test_images, None))

    def read_test(self) -> Contents:
        """Return the test images."""
        return self._read(slice(self._test_images))

    def expected_test_images(self, training_images: int) -> int:
        """Return the configured number; `training_images` is not needed for it."""
        del training_images
        return self._test_images

    def _read(self, part: slice) -> Contents:
        scans, digits = load_digits(return_X_y=True)
        targets = digits.astype(np.int64)
        members = stratified_order(targets, _TEST_SEED)[part]
        grey = np.rint(scans[members] * (255 / _GREYS)).astype(np.uint8)
        before = (self.input_shape[1] - _SIDE) // 2
        edges = (before, self.input_shape[1] - _SIDE - before)
        images = np.pad(grey.reshape(-1, _SIDE, _SIDE, 1), ((0, 0), edges, edges, (0, 0)))
        targets = targets[members]
        identity = hashlib.sha256(images.tobytes() + targets.tobytes()).hexdigest()
        return Contents(images, targets, identity)
