"""What is where in a picture, and which colour says what, pixel by pixel."""

import numpy as np

from gensynth.tasks.label_picture import (
    GAP,
    LEAST_HEIGHT,
    PALETTE,
    RIGHT_COLOUR,
    VOID_COLOUR,
    WRONG_COLOUR,
    coloured,
    error_map,
    label_picture,
)

LABELS = np.array([[[0, 1, 255], [2, 2, 0]], [[1, 1, 1], [0, 255, 2]]], dtype=np.uint8)
GUESSES = np.array([[[0, 2, 1], [2, 1, 0]], [[1, 0, 1], [0, 0, 2]]], dtype=np.uint8)


def test_a_row_holds_image_labels_prediction_and_errors() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 2, 3, 3), dtype=np.uint8)
    picture = label_picture(images, LABELS, GUESSES, 3)
    times = LEAST_HEIGHT // 2  # two pixels become as high as a part has to be
    height, width = 2 * times, 3 * times
    assert picture.shape == (2 * height + GAP, 4 * width + 3 * GAP, 3)
    for row, (image, truth, guess) in enumerate(zip(images, LABELS, GUESSES, strict=True)):
        top = row * (height + GAP)
        parts = [image, coloured(truth, 3), coloured(guess, 3), error_map(truth, guess, 3)]
        for place, part in enumerate(parts):
            left = place * (width + GAP)
            found = picture[top : top + height, left : left + width]
            np.testing.assert_array_equal(found, np.kron(part, np.ones((times, times, 1))))
    assert (picture[height : height + GAP] == 255).all()
    assert (picture[:, width : width + GAP] == 255).all()


def test_large_images_keep_their_size() -> None:
    images = np.zeros((1, LEAST_HEIGHT + 1, 7, 3), dtype=np.uint8)
    labels = np.zeros(images.shape[:3], dtype=np.uint8)
    assert label_picture(images, labels, labels, 2).shape == (LEAST_HEIGHT + 1, 4 * 7 + 3 * GAP, 3)


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
