"""Which detections hit which objects: COCO's greedy rule, surest detection first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self, final

import numpy as np
from numpy.typing import NDArray

from gensynth.data.boxes import CLASS, KIND, Kind

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]


@final
@dataclass(frozen=True, slots=True)
class Matches:
    """Detections of n images, and what became of them.

    Args:
        images: (k,) image of each detection, ascending.
        classes: (k,) its class.
        scores: (k,) how sure it is.
        hits: (thresholds, k) whether it hits an object that no surer one has hit.
        neutral: (thresholds, k) whether it only hits what is ignored, and counts for nothing.
        objects: (n, classes) objects to be found.
    """

    images: NDArray[np.int64]
    classes: NDArray[np.int64]
    scores: Values
    hits: Flags
    neutral: Flags
    objects: NDArray[np.int64]

    def at(self, place: int) -> Self:
        """Return the same at one of the thresholds alone."""
        one = slice(place, place + 1)
        return replace(self, hits=self.hits[one], neutral=self.neutral[one])


@final
@dataclass(frozen=True, slots=True)
class Found:
    """Detections in one image beside what there is.

    Args:
        corners: (k, 4) left, top, right, bottom.
        scores: (k,).
        classes: (k,).
        objects: (m, 6); see `data.boxes`.
    """

    corners: Values
    scores: Values
    classes: NDArray[np.int64]
    objects: Values


def matches(images: Sequence[Found], classes: int, thresholds: Values) -> Matches:
    """Match every image's detections with its objects.

    Args:
        images: n of them.
        classes: how many there are.
        thresholds: least intersections over union of a hit.
    """
    parts = [_match(one, thresholds) for one in images]
    counts = np.zeros((len(images), classes), dtype=np.int64)
    for row, one in zip(counts, images, strict=True):
        counted = one.objects[one.objects[:, KIND] == Kind.OBJECT]
        row += np.bincount(counted[:, CLASS].astype(np.int64), minlength=classes)
    return Matches(
        np.repeat(np.arange(len(images)), [len(one.scores) for one in images]),
        np.concatenate([one.classes for one in images]),
        np.concatenate([one.scores for one in images]),
        np.concatenate([hits for hits, _ in parts], axis=1),
        np.concatenate([neutral for _, neutral in parts], axis=1),
        counts,
    )


def _match(one: Found, thresholds: Values) -> tuple[Flags, Flags]:
    """Return (thresholds, k) hits, and which are neutral."""
    hits = np.zeros((len(thresholds), len(one.scores)), dtype=np.bool_)
    neutral = np.zeros_like(hits)
    kinds = one.objects[:, KIND]
    counted, ignored = (one.objects[kinds == kind] for kind in (Kind.OBJECT, Kind.IGNORED))
    unions, within = overlaps(one.corners, counted)[0], overlaps(one.corners, ignored)[1]
    # COCO's rule: where the threshold is 1, a box that is right but for rounding still hits.
    least = np.minimum(thresholds, 1 - 1e-10)
    free = np.ones((len(thresholds), len(counted)), dtype=np.bool_)
    for index in np.argsort(-one.scores, kind="stable"):
        same = counted[:, CLASS] == one.classes[index]
        reach = np.where(free & same, unions[index], -1.0)
        if reach.shape[1]:
            best = reach.argmax(1)
            hits[:, index] = reach.max(1) >= least
            free[hits[:, index], best[hits[:, index]]] = False
        near = within[index, ignored[:, CLASS] == one.classes[index]].max(initial=0.0)
        neutral[:, index] = ~hits[:, index] & (near >= least)
    return hits, neutral


def overlaps(corners: Values, objects: Values) -> tuple[Values, Values]:
    """Return (k, m) intersections of boxes with objects: over the union, and over the box's area.

    Args:
        corners: (k, 4).
        objects: (m, 4 or more), the corners first.
    """
    low = np.maximum(corners[:, None, :2], objects[None, :, :2])
    high = np.minimum(corners[:, None, 2:], objects[None, :, 2:4])
    shared = np.clip(high - low, 0, None).prod(-1)
    own, other = _area(corners)[:, None], _area(objects)[None]
    union = own + other - shared
    return shared / np.maximum(union, 1e-12), shared / np.maximum(own, 1e-12)


def _area(boxes: Values) -> Values:
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))
