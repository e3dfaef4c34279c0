"""What is where in a picture, and which colour says what, pixel by pixel."""

import numpy as np
import pytest

from gensynth.tasks.label_picture import (
    GAP,
    LEAST_HEIGHT,
    PALETTE,
    RIGHT_COLOUR,
    SWATCH,
    VOID_COLOUR,
    WRONG_COLOUR,
    coloured,
    error_map,
    label_picture,
    legend,
)

LABELS = np.array([[[0, 1, 255], [2, 2, 0]], [[1, 1, 1], [0, 255, 2]]], dtype=np.uint8)
GUESSES = np.array([[[0, 2, 1], [2, 1, 0]], [[1, 0, 1], [0, 0, 2]]], dtype=np.uint8)


def test_a_row_holds_image_labels_prediction_and_errors() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 2, 3, 3), dtype=np.uint8)
    names = ["sky", "road", "tree"]
    picture = label_picture(images, LABELS, GUESSES, names)
    times = LEAST_HEIGHT // 2  # two pixels become as high as a part has to be
    height, width = 2 * times, 3 * times
    below = legend(names, 4 * width + 3 * GAP)
    assert picture.shape == (2 * (height + GAP) + len(below), 4 * width + 3 * GAP, 3)
    np.testing.assert_array_equal(picture[-len(below) :], below)
    for row, (image, truth, guess) in enumerate(zip(images, LABELS, GUESSES, strict=True)):
        top = row * (height + GAP)
        parts = [image, coloured(truth, 3), coloured(guess, 3), error_map(truth, guess, 3)]
        for place, part in enumerate(parts):
            left = place * (width + GAP)
            found = picture[top : top + height, left : left + width]
            np.testing.assert_array_equal(found, np.kron(part, np.ones((times, times, 1))))
    assert (picture[height : height + GAP] == 255).all()
    assert (picture[: -len(below), width : width + GAP] == 255).all()


def test_large_images_keep_their_size() -> None:
    images = np.zeros((1, LEAST_HEIGHT + 1, 7, 3), dtype=np.uint8)
    labels = np.zeros(images.shape[:3], dtype=np.uint8)
    width = 4 * 7 + 3 * GAP
    picture = label_picture(images, labels, labels, ["sky", "road"])
    below = len(legend(["sky", "road"], width))
    assert picture.shape == (LEAST_HEIGHT + 1 + GAP + below, width, 3)


@pytest.mark.parametrize("width", [70, 200, 2000])
def test_the_legend_shows_what_every_colour_means(width: int) -> None:
    names = [f"class {index}" for index in range(15)]
    found = legend(names, width)
    assert found.shape[1] == width
    own = coloured(np.arange(15)[None], 15)[0]
    for colour in (*own, VOID_COLOUR, RIGHT_COLOUR, WRONG_COLOUR):
        # the inside of a swatch at least; letters may mix to a colour here and there
        assert (found == colour).all(-1).sum() >= (SWATCH - 2) ** 2
    lines = len(found) // (SWATCH + 2 * GAP)
    assert len(found) == lines * (SWATCH + 2 * GAP)
    assert (lines == 1) == (width == 2000)


def test_an_error_has_the_colour_of_no_class() -> None:
    colours = coloured(np.arange(2 * len(PALETTE))[None], 2 * len(PALETTE))[0]
    for other in (RIGHT_COLOUR, WRONG_COLOUR):
        assert not (colours == other).all(-1).any()


def test_every_class_has_a_colour_and_void_is_black() -> None:
    classes = 2 * len(PALETTE)
    labels = np.arange(classes + 1, dtype=np.uint8)[None]
    colours = coloured(labels, classes)[0]
    assert len({tuple(one) for one in colours.tolist()}) == classes + 1
    np.testing.assert_array_equal(colours[-1], VOID_COLOUR)


def test_errors_are_marked_where_a_class_is_known() -> None:
    found = error_map(LABELS[0], GUESSES[0], 3)
    expected = [
        [RIGHT_COLOUR, WRONG_COLOUR, VOID_COLOUR],
        [RIGHT_COLOUR, WRONG_COLOUR, RIGHT_COLOUR],
    ]
    np.testing.assert_array_equal(found, expected)
