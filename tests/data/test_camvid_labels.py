"""Colours and indices become the 11 classes; anything else is refused by name."""

import numpy as np
import pytest

from gensynth.data.camvid_labels import (
    CLASSES,
    COLOURS,
    JOINED,
    of_colours,
    of_eleven,
    of_thirty_two,
)
from gensynth.data.warp import VOID
from gensynth.errors import DataError


def test_all_but_void_belong_to_one_of_the_eleven() -> None:
    joined = [name for names in JOINED.values() for name in names]
    assert sorted([*joined, "Void"]) == sorted(COLOURS)
    assert tuple(JOINED) == CLASSES
    assert len(set(COLOURS.values())) == len(COLOURS) == 32
    assert list(COLOURS) == sorted(COLOURS, key=str.lower)


def test_colours_and_indices_say_the_same() -> None:
    rng = np.random.default_rng(0)
    indices = rng.integers(0, 32, (5, 9)).astype(np.uint8)
    colours = np.array(list(COLOURS.values()), dtype=np.uint8)[indices]
    names = list(COLOURS)
    expected = np.array(
        [
            [next((i for i, c in enumerate(CLASSES) if names[k] in JOINED[c]), VOID) for k in row]
            for row in indices
        ]
    )
    np.testing.assert_array_equal(of_thirty_two(indices, "a"), expected)
    np.testing.assert_array_equal(of_colours(colours, "a"), expected)


def test_the_twelfth_label_is_void() -> None:
    labels = np.arange(12, dtype=np.uint8)[None]
    np.testing.assert_array_equal(of_eleven(labels, "a"), [[*range(11), VOID]])


def test_what_is_no_label_is_refused_with_its_file() -> None:
    with pytest.raises(DataError, match=r"x\.png has the label 12; allowed are 0 \.\. 10 and 11"):
        of_eleven(np.array([[0, 12]], dtype=np.uint8), "x.png")
    with pytest.raises(DataError, match=r"x\.png has the label 32; allowed are 0 \.\. 31"):
        of_thirty_two(np.array([[32]], dtype=np.uint8), "x.png")
    pixels = np.zeros((2, 3, 3), dtype=np.uint8)
    pixels[1, 2] = (1, 2, 3)
    with pytest.raises(DataError, match=r"x\.png has the colour \(1, 2, 3\) at x=2, y=1"):
        of_colours(pixels, "x.png")
