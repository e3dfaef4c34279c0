"""How good detections are as a whole, and what every image has to do with it.

Average precision is that of VOC since 2010: the area under the best precision that is reached at a
recall or beyond (Everingham et al. 2010); with several thresholds and classes, the mean over both.
COCO's tool takes the mean over 101 recalls instead: nearly the same number, but one that jumps when
an image is left out.
"""

from collections.abc import Callable
from typing import final

import numpy as np
from numpy.typing import NDArray

from gensynth.tasks.matching import Matches

Values = NDArray[np.float64]
Measure = Callable[[Values], float]
"""From (n,) weights of images to percent."""


@final
class AveragePrecision:
    """Average precision of matched detections when every image counts so many times.

    Args:
        matches: of a split.
    """

    def __init__(self, matches: Matches) -> None:
        self._objects = matches.objects
        self._parts = []
        for one in np.flatnonzero(matches.objects.sum(0)).tolist():
            order = np.argsort(-matches.scores, kind="stable")
            order = order[matches.classes[order] == one]
            counted = ~matches.neutral[:, order]
            self._parts.append((one, matches.images[order], matches.hits[:, order], counted))

    def __call__(self, weights: Values) -> float:
        """Return percent, the mean over the classes that have an object.

        Args:
            weights: (n,) of the images, 0 or more.
        """
        found = []
        for one, images, hits, counted in self._parts:
            objects = float(weights @ self._objects[:, one])
            if objects > 0:
                each = weights[images]
                found += [
                    _area(each * hit, each * (some & ~hit), objects)
                    for hit, some in zip(hits, counted, strict=True)
                ]
        return 100 * float(np.mean(found)) if found else 0.0


def _area(hits: Values, misses: Values, objects: float) -> float:
    precision, recall = curve(hits, misses, objects)
    return float(np.diff(recall, prepend=0.0) @ precision)


def curve(hits: Values, misses: Values, objects: float) -> tuple[Values, Values]:
    """Return (k,) precisions, the best at this recall or beyond, and (k,) rising recalls.

    Args:
        hits: (k,) weights of the detections that hit, surest first; 0 for the others.
        misses: (k,) likewise of those that miss.
        objects: weight of all objects.
    """
    right, wrong = np.cumsum(hits), np.cumsum(misses)
    precision = right / np.maximum(right + wrong, 1e-12)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return best, right / objects


@final
class OperatingPoint:
    """Precision x recall of the detections from a score on: what DIGITS calls mAP, as percent.

    NVIDIA's layer takes it batch by batch and averages; here the batch is the whole split, so that
    it depends on no batch size.

    Args:
        matches: of a split, at one threshold.
        score: least score of a detection that counts.
    """

    def __init__(self, matches: Matches, score: float) -> None:
        images = len(matches.objects)
        sure = matches.scores >= score
        hit, neutral = matches.hits[0], matches.neutral[0]
        self._hits = np.bincount(matches.images[sure & hit], minlength=images)
        self._misses = np.bincount(matches.images[sure & ~hit & ~neutral], minlength=images)
        self._objects = matches.objects.sum(1)

    def __call__(self, weights: Values) -> float:
        """Return percent.

        Args:
            weights: (n,) of the images, 0 or more.
        """
        hits = float(weights @ self._hits)
        found, there = hits + float(weights @ self._misses), float(weights @ self._objects)
        return 100 * hits**2 / (found * there) if found and there else 0.0


def contributions(measure: Measure, images: int, value: float) -> Values:
    """Return (n,) what each image contributes: their mean is the value, they vary as it does.

    By the jackknife (Quenouille 1956): value + (n - 1) x (value - the value without the image),
    moved so that the mean is the value itself.

    Args:
        measure: of all images.
        images: n.
        value: what is reported; may differ a little from the measure's.
    """
    weights = np.ones(images)
    without = np.empty(images)
    for image in range(images):
        weights[image] = 0.0
        without[image] = measure(weights)
        weights[image] = 1.0
    return np.asarray(value + (images - 1) * (without.mean() - without))
