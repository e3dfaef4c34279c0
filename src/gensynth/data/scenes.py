"""The embedded scenes: scanned handwritten digits in clutter, every pixel labelled.

Drawn from scikit-learn's 1,797 real scans, so nothing is downloaded. Scenes of different splits
share no scan.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from gensynth.data.data_module import Contents, Facts, ImageData, Labelled
from gensynth.data.digits import LICENCE
from gensynth.data.input_size import checked_size
from gensynth.data.partition import Split, stratified_order
from gensynth.data.store import joined
from gensynth.data.streams import Stream, uniform
from gensynth.data.warp import Warp
from gensynth.errors import ConfigurationError

CLASSES = ("background", *(str(digit) for digit in range(10)))
SCAN_SIDE, SCAN_GREYS = 8, 16
INK = 0.35
"""Share of full ink from which on a pixel belongs to its digit."""

DIGITS, FRAGMENTS = 4, 6
ENLARGED = (2, 3)
ATTEMPTS = 20
"""Places tried for a digit before a scene does without it."""

DRAWS = 1024
"""Random numbers of one scene."""

SCAN_SHARES: dict[Split, float] = {"test": 0.2, "confirm": 0.2, "search": 0.1, "train": 0.5}
SCANS_SEED = 1797


@final
class Scenes(ImageData):
    """Up to four digits of random size and colour on clutter; eleven classes with background.

    Args:
        input_size: height and width of the scenes, 32 or more each.
        train_images: scenes to train on.
        search_images: scenes of the search split.
        confirm_images: scenes of the confirm split.
        test_images: scenes of the test split.
        seed: of everything random.
        augmentation: of train images.

    Raises:
        ConfigurationError: a value is outside its range.
    """

    labelled: ClassVar[Labelled] = "pixel"
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
        augmentation: Warp,
    ) -> None:
        height, width = checked_size(input_size)
        self._sizes = checked_counts(train_images, search_images, confirm_images, test_images)
        facts = Facts("scenes", (3, height, width), CLASSES, (0.5,) * 3, (0.25,) * 3)
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
        drawn = scenes(split, self._sizes[split], self.input_shape[1:], self._seed)
        images = np.stack([one.image for one in drawn])
        labels = np.stack([one.labels for one in drawn])
        identity = hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()
        return Contents(images, labels, identity)


def checked_counts(train: int, search: int, confirm: int, test: int) -> dict[Split, int]:
    """Return how many scenes each split has.

    Raises:
        ConfigurationError: a number is below 1.
    """
    sizes: dict[Split, int] = {"train": train, "search": search, "confirm": confirm, "test": test}
    for split, count in sizes.items():
        if count < 1:
            raise ConfigurationError(f"data.{split}_images={count} must be 1 or more")
    return sizes


def scans_of(split: Split) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return a split's scans (n, 8, 8), ink from 0 to 1, and (n,) digits; no two splits share any.

    Args:
        split: which.
    """
    scans, digits = load_digits(return_X_y=True)
    targets = digits.astype(np.int64)
    order = stratified_order(targets, SCANS_SEED)
    ends = np.rint(np.cumsum([0, *SCAN_SHARES.values()]) * len(order)).astype(int)
    place = list(SCAN_SHARES).index(split)
    members = order[ends[place] : ends[place + 1]]
    return scans[members].reshape(-1, SCAN_SIDE, SCAN_SIDE) / SCAN_GREYS, targets[members]


@final
@dataclass(frozen=True, slots=True)
class Scene:
    """A drawn image and what is on it.

    Args:
        image: (h, w, 3).
        labels: (h, w), 0 for background, digit + 1 on ink.
        boxes: (k, 4) left, top, right and bottom of the digits' ink, in pixels.
    """

    image: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    boxes: NDArray[np.float32]


def scenes(split: Split, count: int, size: tuple[int, int], seed: int) -> list[Scene]:
    """Return the first scenes of a split; a larger number begins with the smaller one.

    Args:
        split: decides, with the seed, what is drawn and from which scans.
        count: how many.
        size: height and width.
        seed: of everything random.
    """
    scans, digits = scans_of(split)
    first = 1_000_000 * list(SCAN_SHARES).index(split)
    return [
        scene(scans, digits, size, uniform(Stream.SCENE, seed=seed, epoch=e, count=DRAWS))
        for e in range(first, first + count)
    ]


def scene(
    scans: NDArray[np.float64],
    digits: NDArray[np.int64],
    size: tuple[int, int],
    draws: NDArray[np.float64],
) -> Scene:
    """Return a scene.

    Args:
        scans: (n, 8, 8) ink from 0 to 1.
        digits: (n,) what they show.
        size: height and width.
        draws: random numbers in [0, 1), `DRAWS` of them; nothing else decides the scene.
    """
    canvas = _Canvas(size, _Draws(draws))
    canvas.clutter(scans)
    for _ in range(DIGITS):
        canvas.digit(scans, digits)
    return canvas.finished()


@final
class _Draws:
    """Deals random numbers out one after the other."""

    def __init__(self, numbers: NDArray[np.float64]) -> None:
        self._numbers, self._next = numbers, 0

    def some(self, count: int) -> NDArray[np.float64]:
        part = self._numbers[self._next : self._next + count]
        self._next += count
        return part

    def below(self, end: int) -> int:
        return int(self.some(1)[0] * end)


@final
@dataclass
class _Canvas:
    size: tuple[int, int]
    draws: _Draws

    def __post_init__(self) -> None:
        height, width = self.size
        self.labels = np.zeros(self.size, dtype=np.uint8)
        self.taken = np.zeros(self.size, dtype=np.bool_)
        self.boxes: list[tuple[int, int, int, int]] = []
        corners = self.draws.some(12).reshape(2, 2, 3)
        rows, columns = np.linspace(0, 1, height)[:, None, None], np.linspace(0, 1, width)[:, None]
        top = corners[0, 0] * (1 - columns) + corners[0, 1] * columns
        bottom = corners[1, 0] * (1 - columns) + corners[1, 1] * columns
        self.image = 0.15 + 0.5 * (top * (1 - rows) + bottom * rows)

    def clutter(self, scans: NDArray[np.float64]) -> None:
        """Paint fragments of scans, which look like digits and are none, and grain."""
        for _ in range(FRAGMENTS):
            part = scans[self.draws.below(len(scans))]
            half = SCAN_SIDE // 2
            y, x = self.draws.below(half + 1), self.draws.below(half + 1)
            self.paint(self.enlarged(part[y : y + half, x : x + half]), *self.place(half, half))
        grain = self.draws.some(64).reshape(8, 8)
        rows, columns = (np.arange(side) * 8 // side for side in self.size)
        self.image += 0.1 * (grain[rows][:, columns, None] - 0.5)

    def digit(self, scans: NDArray[np.float64], digits: NDArray[np.int64]) -> None:
        """Paint a digit where there is room."""
        which = self.draws.below(len(scans))
        ink = self.enlarged(scans[which])
        for _ in range(ATTEMPTS):
            y, x = self.place(*ink.shape)
            where = slice(y, y + ink.shape[0]), slice(x, x + ink.shape[1])
            if not self.taken[where].any():
                self.paint(ink, y, x)
                self.taken[where] = True
                self.labels[where][ink >= INK] = digits[which] + 1
                rows, columns = np.nonzero(ink >= INK)
                if len(rows):
                    low = x + columns.min(), y + rows.min()
                    self.boxes.append((*low, x + columns.max() + 1, y + rows.max() + 1))
                return

    def enlarged(self, ink: NDArray[np.float64]) -> NDArray[np.float64]:
        factor = ENLARGED[self.draws.below(len(ENLARGED))]
        larger = np.kron(ink, np.ones((factor, factor)))[: self.size[0], : self.size[1]]
        return larger.astype(np.float64)

    def place(self, rows: int, columns: int) -> tuple[int, int]:
        height, width = self.size
        down, across = max(1, height - rows + 1), max(1, width - columns + 1)
        return self.draws.below(down), self.draws.below(across)

    def paint(self, ink: NDArray[np.float64], y: int, x: int) -> None:
        height, width = self.size
        ink = ink[: height - y, : width - x]
        where = slice(y, y + ink.shape[0]), slice(x, x + ink.shape[1])
        # Bright or dark, far enough from the ground to be seen.
        colour = np.where(self.draws.some(1) < 0.5, 0.0, 0.8) + 0.2 * self.draws.some(3)
        self.image[where] += ink[..., None] * (colour - self.image[where])

    def finished(self) -> Scene:
        image = np.rint(255 * self.image.clip(0, 1)).astype(np.uint8)
        return Scene(image, self.labels, np.array(self.boxes, dtype=np.float32).reshape(-1, 4))
