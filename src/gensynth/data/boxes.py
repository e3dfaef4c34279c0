"""Boxes of objects as plain numbers: what detectors learn from and are measured by.

An object is a row (left, top, right, bottom, class, kind). Corners are in pixels of the image that
networks read, x to the right and y down; an object spans from left to right and has the width right
minus left. Images have different numbers of objects: their rows are followed by empty ones.
"""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

FIELDS = 6
CLASS, KIND = 4, 5
"""Columns after the four corners."""

Rows = NDArray[np.float32]


class Kind(IntEnum):
    """What a row stands for."""

    EMPTY = 0
    OBJECT = 1
    IGNORED = 2
    """No target says what is there; to find it is neither right nor wrong."""


def stacked(objects: Sequence[Rows], most: int = 1) -> Rows:
    """Return (n, m, 6) rows of n images, m the largest number of objects, at least `most`.

    Args:
        objects: (k, 6) of each image.
        most: objects that there is room for.
    """
    most = max([most, *(len(rows) for rows in objects)])
    table = np.zeros((len(objects), most, FIELDS), dtype=np.float32)
    for row, own in zip(table, objects, strict=True):
        row[: len(own)] = own
    return table


def moved(objects: Tensor, corners: Tensor, size: tuple[int, int], least_visible: float) -> Tensor:
    """Return objects at new corners, cut at the image's border.

    What is left without any area is empty; what shows less than `least_visible` is ignored.

    Args:
        objects: (..., 6).
        corners: (..., 4) new left, top, right and bottom.
        size: height and width of the image in pixels.
        least_visible: share of a box's area, 0 to 1.
    """
    height, width = size
    limits = objects.new_tensor([width, height, width, height])
    cut = corners.clamp(min=0).minimum(limits)
    visible = _area(cut) / _area(corners).clamp(min=1e-6)
    kind = objects[..., KIND]
    kind = kind.where(visible >= least_visible, kind.clamp(max=1) * Kind.IGNORED)
    kind = kind.where(visible > 0, 0.0)
    found = objects.clone()
    found[..., :CLASS], found[..., KIND] = cut, kind
    return found * (kind > 0)[..., None]


def _area(corners: Tensor) -> Tensor:
    return (corners[..., 2] - corners[..., 0]) * (corners[..., 3] - corners[..., 1])
