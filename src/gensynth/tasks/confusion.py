"""Segmentation quality from confusion counts, image by image, and how sure it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import final

import numpy as np
from numpy.typing import NDArray

from gensynth.tasks.bootstrap import Interval, interval, resample

Counts = NDArray[np.int64]
Values = NDArray[np.float64]
Metric = Callable[[Values, Values], Values]


@final
@dataclass(frozen=True, slots=True)
class Confusion:
    """What was predicted where something else, or the same, is.

    Args:
        counts: (n, classes, classes) positions per image, true class then predicted class.
        void: (n,) positions per image that no class is known of.
    """

    counts: Counts
    void: Counts

    def metrics(self, classes: Sequence[str]) -> dict[str, Metric]:
        """Return what can be read off sums of counts, by name; classes that never occur have none.

        Each takes sums (..., classes, classes) and (...,) over images and returns (...,) percent.
        """
        occurs = self.counts.sum((0, 2)) > 0
        named: dict[str, Metric] = {
            "pixel_accuracy": _accuracy,
            "pixel_accuracy_with_void": _accuracy_with_void,
            "mean_class_accuracy": lambda c, _: np.nanmean(_recalls(c)[..., occurs], -1),
            "mean_iou": lambda c, _: np.nanmean(_unions(c)[..., occurs], -1),
        }
        for index in np.flatnonzero(occurs).tolist():
            named[f"iou_{classes[index].lower()}"] = partial(_union, index)
        return named

    def values(self, metric: Metric) -> float:
        """Return a metric over all images."""
        return float(metric(self.counts.sum(0), self.void.sum(0)))

    def contributions(self, metric: Metric) -> Values:
        """Return (n,) what each image contributes: their mean is the value, they vary as it does.

        By the infinitesimal jackknife: value + n x (how the value moves when this image's weight
        grows by 1 and the mean image's falls by as much). Ratios of sums, which all of these
        are, have no per-image values to average; this is the linear part of what each image does.
        """
        n = len(self.counts)
        total = self.counts.sum(0).astype(np.float64)
        void = np.array(self.void.sum(), dtype=np.float64)
        step = 1e-4
        towards, towards_void = step * (n * self.counts - total), step * (n * self.void - void)
        above = metric(total + towards, void + towards_void)
        below = metric(total - towards, void - towards_void)
        return np.asarray(metric(total, void) + (above - below) / (2 * step))

    def intervals(
        self, metrics: Mapping[str, Metric], rng: np.random.Generator
    ) -> dict[str, Interval]:
        """Return 95 % bootstrap intervals over images, all read off the same resamples.

        A resample that holds no pixel of a class says nothing of that class.
        """
        n = len(self.counts)
        weights = resample(n, rng)
        flat = weights @ self.counts.reshape(n, -1).astype(np.float64)
        sums, void = flat.reshape(-1, *self.counts.shape[1:]), weights @ self.void
        return {name: interval(one(sums, void)) for name, one in metrics.items()}


def count(predicted: NDArray[np.int64], labels: NDArray[np.int64], classes: int) -> Confusion:
    """Return the confusion of n images.

    Args:
        predicted: (n, h, w) classes.
        labels: (n, h, w) classes; anything from `classes` on is void.
        classes: how many there are.
    """
    n = len(labels)
    known = labels < classes
    image = np.broadcast_to(np.arange(n)[:, None, None], labels.shape)
    places = (image * classes + np.where(known, labels, 0)) * classes + predicted
    counts = np.bincount(places[known], minlength=n * classes * classes)
    return Confusion(counts.reshape(n, classes, classes), (~known).sum((1, 2)))


def joined(parts: Sequence[Confusion]) -> Confusion:
    """Return the confusion of all images, in order."""
    return Confusion(
        np.concatenate([one.counts for one in parts]), np.concatenate([one.void for one in parts])
    )


def _hits(counts: Values) -> Values:
    return np.asarray(np.diagonal(counts, axis1=-2, axis2=-1))


def _accuracy(counts: Values, _: Values) -> Values:
    return np.asarray(100 * _hits(counts).sum(-1) / counts.sum((-2, -1)))


def _accuracy_with_void(counts: Values, void: Values) -> Values:
    return np.asarray(100 * _hits(counts).sum(-1) / (counts.sum((-2, -1)) + void))


def _recalls(counts: Values) -> Values:
    return _percent(_hits(counts), counts.sum(-1))


def _unions(counts: Values) -> Values:
    return _percent(_hits(counts), counts.sum(-1) + counts.sum(-2) - _hits(counts))


def _union(index: int, counts: Values, _: Values) -> Values:
    return np.asarray(_unions(counts)[..., index])


def _percent(part: Values, whole: Values) -> Values:
    """Return NaN where there is nothing to be a part of: a class that images drawn anew lack."""
    return np.asarray(100 * part / np.where(whole > 0, whole, np.nan))
