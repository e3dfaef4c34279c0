"""Pictures of segmentations: image, labels, prediction and where it is wrong, side by side."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Pixels = NDArray[np.uint8]

PALETTE = np.array(
    [
        (86, 180, 233),
        (70, 70, 70),
        (240, 228, 66),
        (128, 64, 128),
        (204, 121, 167),
        (0, 158, 115),
        (230, 159, 0),
        (140, 86, 75),
        (0, 114, 178),
        (220, 20, 60),
        (190, 190, 190),
    ],
    dtype=np.uint8,
)
"""Of the first classes; most are Okabe and Ito's, which colour-blind people can tell apart. None is
that of an error."""

VOID_COLOUR = np.array((0, 0, 0), dtype=np.uint8)
RIGHT_COLOUR = np.array((235, 235, 235), dtype=np.uint8)
WRONG_COLOUR = np.array((213, 94, 0), dtype=np.uint8)
LEAST_HEIGHT = 120
"""Pixels of a part."""

GAP = 4
"""White pixels between two parts."""

SWATCH = 12
"""Side of a colour in the legend, and size of its letters, in pixels."""


def label_picture(
    images: Pixels, labels: Pixels, predicted: Pixels, names: Sequence[str]
) -> Pixels:
    """Return one picture: a row per image of itself, its labels, the prediction, and the errors.

    In the last part wrong pixels are vermilion, right ones light grey; void is black everywhere
    but in the prediction. Small images are enlarged by a whole factor, to be seen at all. Below
    them a legend says which colour is which class.

    Args:
        images: (n, h, w, 3).
        labels: (n, h, w) class indices; as many as there are classes, or more, is void.
        predicted: (n, h, w) class indices.
        names: of the classes.

    Returns:
        (height, width, 3).
    """
    rows, classes = [], len(names)
    for image, truth, guess in zip(images, labels, predicted, strict=True):
        parts = [image, coloured(truth, classes), coloured(guess, classes)]
        parts.append(error_map(truth, guess, classes))
        rows.append(_joined([_enlarged(part) for part in parts], axis=1))
    return _joined([*rows, legend(names, rows[0].shape[1])], axis=0)


def legend(names: Sequence[str], width: int) -> Pixels:
    """Return (height, width, 3): what colours mean, line by line; classes first."""
    own = coloured(np.arange(len(names))[None], len(names))[0]
    others = {"void": VOID_COLOUR, "right": RIGHT_COLOUR, "wrong": WRONG_COLOUR}
    words, colours = [*names, *others], [*own, *others.values()]
    font = ImageFont.load_default(SWATCH)
    step, places, x, y = SWATCH + 2 * GAP, [], 0, 0
    for name in words:
        length = step + int(font.getlength(name)) + 1 + 2 * GAP
        if x and x + length > width:
            x, y = 0, y + step
        places.append((x, y))
        x += length
    picture = Image.new("RGB", (width, y + step), "white")
    draw = ImageDraw.Draw(picture)
    for (left, top), colour, name in zip(places, colours, words, strict=True):
        square = (left, top, left + SWATCH - 1, top + SWATCH - 1)
        draw.rectangle(square, fill=tuple(colour.tolist()), outline=(90, 90, 90))
        draw.text((left + step, top), name, fill="black", font=font)
    return np.array(picture)


def coloured(labels: NDArray[np.integer], classes: int) -> Pixels:
    """Return (h, w, 3) colours of (h, w) class indices; a second round of colours is darker."""
    index = labels.astype(np.int64)
    shade = np.maximum(1, 1 + index // len(PALETTE))[..., None]
    colours = (PALETTE[index % len(PALETTE)] // shade).astype(np.uint8)
    return np.where((index < classes)[..., None], colours, VOID_COLOUR)


def error_map(labels: Pixels, predicted: Pixels, classes: int) -> Pixels:
    """Return (h, w, 3) colours of what is right, wrong and void."""
    right = np.where((labels == predicted)[..., None], RIGHT_COLOUR, WRONG_COLOUR)
    return np.where((labels < classes)[..., None], right, VOID_COLOUR)


def _enlarged(part: Pixels) -> Pixels:
    factor = -(-LEAST_HEIGHT // part.shape[0])
    return part.repeat(factor, 0).repeat(factor, 1)


def _joined(parts: list[Pixels], axis: int) -> Pixels:
    shape = list(parts[0].shape)
    shape[axis] = GAP
    gap = np.full(shape, 255, dtype=np.uint8)
    between = [piece for part in parts for piece in (gap, part)][1:]
    return np.concatenate(between, axis=axis)
