"""Decoding by non-maximum suppression: the surest cell speaks for all that overlap with it."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor
from torchvision.ops import batched_nms

from gensynth.errors import ConfigurationError
from gensynth.tasks.decoding.decoding import Decoding, Detections


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NonMaximumSuppression(Decoding):
    """Keeps a box unless a surer one of its class overlaps it; scores are coverages.

    Args:
        threshold: least coverage of a cell that is listened to, above 0 and below 1.
        overlap: boxes whose intersection over union is above it are one object, 0 to 1.
        limit: most detections of an image, 1 to 100.

    Raises:
        ConfigurationError: a value is outside its range.
    """

    highest_score: ClassVar[float] = 1.0

    threshold: float
    overlap: float
    limit: int

    def __post_init__(self) -> None:
        laws = (
            ("threshold", 0 < self.threshold < 1, "above 0 and below 1"),
            ("overlap", 0 <= self.overlap <= 1, "0 to 1"),
            ("limit", 1 <= self.limit <= 100, "1 to 100"),
        )
        for name, holds, allowed in laws:
            if not holds:
                raise ConfigurationError(f"decoding.{name}={getattr(self, name)} must be {allowed}")

    def detections(self, coverage: Tensor, corners: Tensor) -> Detections:
        """Return what is left of the cells above the threshold."""
        classes, cells = torch.nonzero(coverage >= self.threshold, as_tuple=True)
        scores, boxes = coverage[classes, cells], corners[cells]
        kept = batched_nms(boxes, scores, classes, self.overlap)[: self.limit]
        return Detections(boxes[kept], scores[kept], classes[kept])
