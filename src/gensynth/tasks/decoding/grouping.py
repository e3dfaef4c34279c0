"""Decoding by grouping: boxes that nearly agree vote for their mean, as in DIGITS."""

import math
from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor

from gensynth.errors import ConfigurationError
from gensynth.tasks.decoding.decoding import Decoding, Detections


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping(Decoding):
    """Groups boxes whose corners are near to each other; a group of enough members is an object.

    Two boxes are near if all four corners differ by at most tolerance x (the smaller of their
    widths + the smaller of their heights) / 2; groups are what nearness connects. A small group
    whose box lies in that of a larger one is no object of its own. This is the rule of OpenCV's
    groupRectangles. (DIGITS calls that with corners where it expects sizes, so its tolerance of
    0.02 is one of 0.02 x (right + bottom) / 2 pixels; as a share of a box's size it is larger.)
    Scores are the logarithm of the number of members.

    Args:
        threshold: least coverage of a cell that is listened to, above 0 and below 1.
        members: a group needs more than so many.
        tolerance: see above.
        least_height: pixels; lower boxes are left out.
        limit: most detections of an image, 1 to 100.

    Raises:
        ConfigurationError: a value is outside its range.
    """

    highest_score: ClassVar[float] = math.inf

    threshold: float
    members: int
    tolerance: float
    least_height: float
    limit: int

    def __post_init__(self) -> None:
        laws = (
            ("threshold", 0 < self.threshold < 1, "above 0 and below 1"),
            ("members", self.members >= 0, "0 or more"),
            ("tolerance", self.tolerance >= 0, "0 or more"),
            ("least_height", self.least_height >= 0, "0 or more"),
            ("limit", 1 <= self.limit <= 100, "1 to 100"),
        )
        for name, holds, allowed in laws:
            if not holds:
                raise ConfigurationError(f"decoding.{name}={getattr(self, name)} must be {allowed}")

    def detections(self, coverage: Tensor, corners: Tensor) -> Detections:
        """Return the mean boxes of large groups, class by class."""
        boxes, counts, classes = [], [], []
        for one, sure in enumerate(coverage):
            means, sizes = self._groups(corners[sure >= self.threshold])
            boxes.append(means)
            counts.append(sizes)
            classes.append(torch.full_like(sizes, one))
        found, members, of_class = torch.cat(boxes), torch.cat(counts), torch.cat(classes)
        order = members.argsort(descending=True, stable=True)[: self.limit]
        return Detections(found[order], members[order].float().log(), of_class[order])

    def _groups(self, boxes: Tensor) -> tuple[Tensor, Tensor]:
        """Return the (g, 4) means and (g,) sizes of the groups that are objects."""
        label = _connected(near(boxes, self.tolerance))
        groups, counts = torch.unique(label, return_counts=True)
        member = (label == groups[:, None]).float()
        means = member @ boxes / counts[:, None]
        large = counts > self.members
        means, counts = means[large], counts[large]
        alone = ~_inside_a_larger(means, counts, self.tolerance)
        tall = means[:, 3] - means[:, 1] >= self.least_height
        return means[alone & tall], counts[alone & tall]


def near(boxes: Tensor, tolerance: float) -> Tensor:
    """Return (k, k): which of (k, 4) boxes are near to which."""
    sizes = boxes[:, 2:] - boxes[:, :2]
    least = torch.minimum(sizes[:, None], sizes[None]).sum(-1)
    apart = (boxes[:, None] - boxes[None]).abs().amax(-1)
    return apart <= tolerance * least / 2


def _connected(joined: Tensor) -> Tensor:
    """Return (k,) the lowest index that each of k things is connected with."""
    label = torch.arange(len(joined), device=joined.device)
    while len(joined):
        lowest = label.expand(len(joined), -1).where(joined, len(joined)).amin(1)
        if torch.equal(lowest, label):
            break
        label = lowest
    return label


def _inside_a_larger(boxes: Tensor, counts: Tensor, tolerance: float) -> Tensor:
    """Return (g,): whose box lies in that of a group beside which it is small (OpenCV's rule)."""
    slack = (tolerance * (boxes[:, 2:] - boxes[:, :2])).repeat(1, 2)
    low = (boxes[:, None, :2] >= (boxes - slack)[None, :, :2]).all(-1)
    high = (boxes[:, None, 2:] <= (boxes + slack)[None, :, 2:]).all(-1)
    other = ~torch.eye(len(boxes), dtype=torch.bool, device=boxes.device)
    larger = (counts[None] > counts.clamp(min=3)[:, None]) | (counts < 3)[:, None]
    return (low & high & other & larger).any(1)
