"""Image files with boxes: checked, fitted into one size, decoded once."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gensynth.data.augmentation import Augmentation
from gensynth.data.boxes import FIELDS, KIND, Kind, stacked
from gensynth.data.data_module import Contents, Facts, ImageData, Labelled
from gensynth.data.decoded import Arrays, Decoded, identity, pixels
from gensynth.data.partition import Split
from gensynth.errors import DataError

PADDING = 128
"""Grey beside an image that is narrower or lower than the frame."""


@final
@dataclass(frozen=True, slots=True)
class BoxedImage:
    """An image file and the objects in it.

    Args:
        path: of the image.
        objects: (left, top, right, bottom, class, kind) of each, in pixels of the file; see
            `data.boxes`.
        source: what the boxes were read from, for messages.
    """

    path: Path
    objects: tuple[tuple[float, ...], ...]
    source: str


class BoxedImages(ImageData, ABC):
    """Images with boxes from files; members say which files belong to which split.

    An image is made as large as fits into the frame, at its own proportions, from the upper left
    corner on; the rest of the frame is grey.

    Args:
        facts: what is known without reading.
        folder: what the set consists of lies below it.
        augmentation: of train images.
        cache_dir: folder that keeps decoded images, `~` is expanded; None decodes them every time.
    """

    labelled: ClassVar[Labelled] = "box"
    preparation = (
        "resized bilinearly (Pillow's, every pixel counted) to as large as fits at its own"
        f" proportions, in the upper left corner of a frame of grey {PADDING}"
    )

    def __init__(
        self,
        facts: Facts,
        folder: Path,
        *,
        augmentation: Augmentation,
        cache_dir: str | Path | None,
    ) -> None:
        super().__init__(facts, partition=None, augmentation=augmentation)
        self._folder = folder
        self._decoded = Decoded(None if cache_dir is None else Path(cache_dir).expanduser())

    @abstractmethod
    def training_images(self) -> Mapping[Split, Sequence[BoxedImage]]:
        """Return what train, search and confirm consist of.

        Raises:
            DataError: files are missing or damaged.
        """

    @abstractmethod
    def test_images(self) -> Sequence[BoxedImage]:
        """Return what the test split consists of.

        Raises:
            DataError: files are missing or damaged.
        """

    @final
    def read_training(self) -> Contents:
        """Read train, search and confirm.

        Raises:
            DataError: a file is missing or damaged, or there is nothing to learn from.
        """
        parts = self.training_images()
        for split, several in parts.items():
            if not any(row[KIND] == Kind.OBJECT for one in several for row in one.objects):
                raise DataError(
                    f"{self._folder}: no object in the {len(several)} images of {self.name} that "
                    f"are the {split} split: there is nothing to learn from or to measure"
                )
        images, objects = self._arrays([one for several in parts.values() for one in several])
        ends = np.cumsum([len(several) for several in parts.values()])
        division = {
            split: np.arange(end - len(several), end)
            for (split, several), end in zip(parts.items(), ends, strict=True)
        }
        lengths = np.array([[len(several) for several in parts.values()]])
        return Contents(images, objects, identity(images, objects, lengths), division)

    @final
    def read_test(self) -> Contents:
        """Read the test images.

        Raises:
            DataError: a file is missing or damaged.
        """
        images, objects = self._arrays(self.test_images())
        return Contents(images, objects, identity(images, objects))

    def _arrays(self, found: Sequence[BoxedImage]) -> Arrays:
        for one in found:
            if not one.path.is_file():
                raise DataError(f"{one.path} is missing; {one.source} has boxes for it")
        size = self.input_shape[1:]
        listing = [[str(one.path), one.objects] for one in found]
        decode = partial(decoded, found, size)
        return self._decoded.arrays(
            ["boxes", 1, *size, listing], [one.path for one in found], decode
        )


def lines_of(path: Path) -> list[str]:
    """Return the lines of a text file.

    Raises:
        DataError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {path}: {error}") from error


def decoded(found: Sequence[BoxedImage], size: tuple[int, int]) -> Arrays:
    """Return (n, h, w, 3) images and (n, m, 6) objects in their pixels.

    Args:
        found: n of them.
        size: height and width of the frame.

    Raises:
        DataError: an image cannot be read, or a box is none.
    """
    both = [_fitted(one, size) for one in found]
    return np.stack([image for image, _ in both]), stacked([objects for _, objects in both])


def _fitted(
    one: BoxedImage, size: tuple[int, int]
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    image = pixels(one.path, "RGB")
    height, width = image.shape[:2]
    objects = np.array(one.objects, dtype=np.float32).reshape(-1, FIELDS)
    for row in objects:
        _check(row, (height, width), one)
    scale = min(size[0] / height, size[1] / width)
    small = max(1, round(height * scale)), max(1, round(width * scale))
    frame = np.full((*size, 3), PADDING, dtype=np.uint8)
    resized = Image.fromarray(image).resize((small[1], small[0]), Image.Resampling.BILINEAR)
    frame[: small[0], : small[1]] = np.asarray(resized)
    objects[:, [0, 2]] = objects[:, [0, 2]].clip(0, width) * (small[1] / width)
    objects[:, [1, 3]] = objects[:, [1, 3]].clip(0, height) * (small[0] / height)
    return frame, objects


def _check(row: NDArray[np.float32], size: tuple[int, int], one: BoxedImage) -> None:
    left, top, right, bottom = (float(corner) for corner in row[:4])
    image = f"{one.path.parent.name}/{one.path.name}"
    box = f"{one.source}: the box ({left:g}, {top:g}, {right:g}, {bottom:g}) of {image}"
    if not (right > left and bottom > top):
        raise DataError(f"{box} has no area; left and top must be less than right and bottom")
    height, width = size
    if left >= width or top >= height or right <= 0 or bottom <= 0:
        raise DataError(f"{box} lies outside the image, which is {width} wide and {height} high")
