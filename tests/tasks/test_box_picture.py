"""What is drawn where, by its colour."""

from collections.abc import Callable

import numpy as np

from gensynth.tasks.box_picture import (
    FOUND_COLOUR,
    GAP,
    IGNORED_COLOUR,
    LEAST_HEIGHT,
    OBJECT_COLOUR,
    box_picture,
    precision_recall_picture,
)
from gensynth.tasks.matching import Found, matches


def has(picture: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool((picture == np.array(colour)).all(-1).any())


def test_objects_and_what_was_found_have_their_colours() -> None:
    rows = np.array([[5.0, 5, 30, 30, 0, 1], [40, 5, 55, 20, 0, 2], [0, 0, 0, 0, 0, 0]])
    corners = np.array([[6.0, 30, 30, 45], [40, 30, 60, 45]])
    one = Found(corners, np.array([0.9, 0.1]), np.zeros(2, dtype=np.int64), rows)
    nothing = Found(corners[:0], np.zeros(0), np.zeros(0, dtype=np.int64), rows[2:])
    images = np.zeros((2, 48, 64, 3), dtype=np.uint8)
    picture = box_picture(images, [one, nothing], least_score=0.5)
    factor = LEAST_HEIGHT // 48
    assert picture.shape == (48 * factor, 2 * 64 * factor + GAP, 3)
    left, right = picture[:, : 64 * factor], picture[:, 64 * factor + GAP :]
    for colour in (OBJECT_COLOUR, IGNORED_COLOUR, FOUND_COLOUR):
        assert has(left, colour)
        assert not has(right, colour)
    assert tuple(left[5 * factor, 5 * factor]) == OBJECT_COLOUR
    assert not has(left[30 * factor :, 38 * factor :], FOUND_COLOUR)  # not sure enough


def test_a_curve_per_overlap(found_images: Callable[[int], list[Found]]) -> None:
    thresholds = np.array([0.5, 0.7])
    picture = precision_recall_picture(matches(found_images(30), 2, thresholds), thresholds)
    assert has(picture, (0, 114, 178))
    assert has(picture, (213, 94, 0))
    nothing = found_images(30)
    empty = [
        Found(one.corners[:0], one.scores[:0], one.classes[:0], one.objects) for one in nothing
    ]
    assert (
        precision_recall_picture(matches(empty, 2, thresholds), thresholds).shape == picture.shape
    )
