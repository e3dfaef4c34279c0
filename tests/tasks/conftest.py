"""Made detections beside made objects."""

from collections.abc import Callable

import numpy as np
import pytest

from gensynth.data.boxes import Kind
from gensynth.tasks.matching import Found


def random_found(rng: np.random.Generator, classes: int = 2) -> Found:
    """Return objects, some ignored, and detections near them and elsewhere."""
    count = int(rng.integers(0, 5))
    corner = rng.uniform(0, 60, (count, 2))
    boxes = np.hstack([corner, corner + rng.uniform(8, 40, (count, 2))])
    kinds = rng.choice([Kind.OBJECT, Kind.OBJECT, Kind.IGNORED], count)
    objects = np.column_stack([boxes, rng.integers(0, classes, count), kinds])
    near = np.repeat(objects, 2, axis=0)
    corners = near[:, :4] + rng.normal(0, 3, (len(near), 4))
    stray = rng.uniform(0, 60, (2, 2))
    corners = np.vstack([corners, np.hstack([stray, stray + rng.uniform(8, 40, (2, 2))])])
    corners[:, 2:] = np.maximum(corners[:, 2:], corners[:, :2] + 1)
    of_class = np.concatenate([near[:, 4], rng.integers(0, classes, 2)]).astype(np.int64)
    empty = np.zeros((2, 6))
    return Found(corners, rng.uniform(0, 1, len(corners)), of_class, np.vstack([objects, empty]))


@pytest.fixture
def found_images() -> Callable[[int], list[Found]]:
    """Return so many images with detections."""

    def make(count: int) -> list[Found]:
        rng = np.random.default_rng(11)
        return [random_found(rng) for _ in range(count)]

    return make
