"""Pictures of detections: boxes on images, and precision against recall."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from gensynth.data.boxes import CLASS, KIND, Kind
from gensynth.tasks.average_precision import curve
from gensynth.tasks.matching import Found, Matches

Pixels = NDArray[np.uint8]

OBJECT_COLOUR, IGNORED_COLOUR, FOUND_COLOUR = (0, 158, 115), (150, 150, 150), (213, 94, 0)
"""True objects green, ignored ones grey, what was found vermilion (Okabe and Ito's colours)."""

CURVE_COLOURS = ((0, 114, 178), (213, 94, 0), (0, 158, 115))
LEAST_HEIGHT = 240
"""Pixels of an image; smaller ones are enlarged by a whole factor."""

GAP = 4
SIDE, MARGIN = 320, 40
"""Pixels of a diagram, and around it."""


def box_picture(images: Pixels, found: Sequence[Found], least_score: float) -> Pixels:
    """Return the images side by side with their objects and what was found, each with its score.

    Args:
        images: (n, h, w, 3).
        found: of each image.
        least_score: of the detections that are drawn.

    Returns:
        (height, width, 3).
    """
    factor = -(-LEAST_HEIGHT // images.shape[1])
    height, width = images.shape[1] * factor, images.shape[2] * factor
    picture = Image.new("RGB", (len(images) * (width + GAP) - GAP, height), "white")
    for index, (pixels, one) in enumerate(zip(images, found, strict=True)):
        image = Image.fromarray(pixels.repeat(factor, 0).repeat(factor, 1))
        draw = ImageDraw.Draw(image)
        for row in one.objects[one.objects[:, KIND] != Kind.EMPTY]:
            colour = OBJECT_COLOUR if row[KIND] == Kind.OBJECT else IGNORED_COLOUR
            draw.rectangle([float(v) * factor for v in row[:CLASS]], outline=colour, width=2)
        for corners, score in zip(one.corners, one.scores, strict=True):
            if score >= least_score:
                box = [float(v) * factor for v in corners]
                draw.rectangle(box, outline=FOUND_COLOUR, width=2)
                draw.text((box[0] + 4, box[1] + 2), f"{score:.2f}", fill=FOUND_COLOUR)
        picture.paste(image, (index * (width + GAP), 0))
    return np.array(picture)


def precision_recall_picture(found: Matches, thresholds: NDArray[np.float64]) -> Pixels:
    """Return precision (upwards) against recall, a line per overlap, over all classes at once.

    Args:
        found: matched at these thresholds.
        thresholds: least intersections over union of a hit.

    Returns:
        (height, width, 3).
    """
    picture = Image.new("RGB", (SIDE + 2 * MARGIN, SIDE + 2 * MARGIN), "white")
    draw = ImageDraw.Draw(picture)
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        draw.line([_place(tick, 0), _place(tick, 1)], fill=(220, 220, 220))
        draw.line([_place(0, tick), _place(1, tick)], fill=(220, 220, 220))
        draw.text((_place(tick, 0)[0] - 8, _place(tick, 0)[1] + 6), f"{tick:g}", fill="black")
        draw.text((6, _place(0, tick)[1] - 6), f"{tick:g}", fill="black")
    draw.text((MARGIN + SIDE // 2 - 20, SIDE + MARGIN + 22), "recall", fill="black")
    draw.text((6, 6), "precision", fill="black")
    order = np.argsort(-found.scores, kind="stable")
    rows = zip(found.hits[:, order], found.neutral[:, order], thresholds, strict=True)
    for index, (hits, neutral, threshold) in enumerate(rows):
        misses = (~hits & ~neutral).astype(float)
        precision, recall = curve(hits.astype(float), misses, float(found.objects.sum()))
        colour = CURVE_COLOURS[index % len(CURVE_COLOURS)]
        points = [_place(x, y) for x, y in zip(recall, precision, strict=True)]
        if len(points) > 1:
            draw.line(points, fill=colour, width=2)
        label = f"overlap {threshold:g}"
        # In the lower left, where no curve worth drawing goes.
        draw.text((MARGIN + 8, MARGIN + SIDE - 20 - 14 * index), label, fill=colour)
    return np.array(picture)


def _place(x: float, y: float) -> tuple[float, float]:
    """Return the pixel of a point of the unit square."""
    return MARGIN + SIDE * x, MARGIN + SIDE * (1 - y)
