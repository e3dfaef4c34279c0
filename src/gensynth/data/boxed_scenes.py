"""The embedded scenes with boxes: find the whole digits among fragments of digits.

The scenes of `data.scenes`, drawn at half the size and enlarged, so that a digit is as large as two
or three cells of DetectNet's grid.
"""

import hashlib
from collections.abc import Sequence
from typing import ClassVar, final

import numpy as np

from gensynth.data.augmentation import Augmentation
from gensynth.data.boxes import FIELDS, Kind, stacked
from gensynth.data.data_module import Contents, Facts, ImageData, Labelled
from gensynth.data.digits import LICENCE
from gensynth.data.input_size import checked_size
from gensynth.data.partition import Split
from gensynth.data.scenes import DIGITS, Scene, checked_counts, scenes
from gensynth.data.store import joined

ENLARGED = 2


@final
class BoxedScenes(ImageData):
    """Up to four digits of random size and colour on clutter; one class, with a box each.

    Args:
        input_size: height and width of the scenes, 32 or more each; odd sides lose a pixel.
        train_images: scenes to train on.
        search_images: scenes of the search split.
        confirm_images: scenes of the confirm split.
        test_images: scenes of the test split.
        seed: of everything random.
        augmentation: of train images.

    Raises:
        ConfigurationError: a value is outside its range.
    """

    labelled: ClassVar[Labelled] = "box"
    licence = LICENCE
    preparation = "scenes are drawn at the size that networks read"

    def __init__(
        self,
        *,
        input_size: Sequence[int],
        train_images: int,
        search_images: int,
        confirm_images: int,
        test_images: int,
        seed: int,
        augmentation: Augmentation,
    ) -> None:
        height, width = (side // ENLARGED for side in checked_size(input_size))
        self._sizes = checked_counts(train_images, search_images, confirm_images, test_images)
        self._drawn_size = height, width
        shape = 3, height * ENLARGED, width * ENLARGED
        facts = Facts("boxed_scenes", shape, ("digit",), (0.5,) * 3, (0.25,) * 3)
        super().__init__(facts, partition=None, augmentation=augmentation)
        self._seed = seed

    def read_training(self) -> Contents:
        """Draw the scenes of train, search and confirm."""
        splits: tuple[Split, ...] = ("train", "search", "confirm")
        return joined({split: self._draw(split) for split in splits})

    def read_test(self) -> Contents:
        """Draw the scenes of the test split."""
        return self._draw("test")

    def expected_test_images(self, training_images: int) -> int:
        """Return the configured number."""
        del training_images
        return self._sizes["test"]

    def _draw(self, split: Split) -> Contents:
        drawn = scenes(split, self._sizes[split], self._drawn_size, self._seed)
        images = np.stack([one.image for one in drawn])
        images = images.repeat(ENLARGED, axis=1).repeat(ENLARGED, axis=2)
        objects = stacked([_objects(one) for one in drawn], most=DIGITS)
        identity = hashlib.sha256(images.tobytes() + objects.tobytes()).hexdigest()
        return Contents(images, objects, identity)


def _objects(one: Scene) -> np.ndarray:
    rows = np.zeros((len(one.boxes), FIELDS), dtype=np.float32)
    rows[:, :4] = ENLARGED * one.boxes
    rows[:, 5] = Kind.OBJECT
    return rows
