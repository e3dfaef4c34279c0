"""The contract of decodings: from what all cells say to a list of detections."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, final

from torch import Tensor


@final
@dataclass(frozen=True, slots=True)
class Detections:
    """What was found in one image, surest first.

    Args:
        corners: (k, 4) left, top, right, bottom in pixels.
        scores: (k,) how sure the detector is; comparable among images.
        classes: (k,) int64.
    """

    corners: Tensor
    scores: Tensor
    classes: Tensor


class Decoding(ABC):
    """Merges what cells say of one object."""

    highest_score: ClassVar[float]
    """No detection's score is above it; infinity: there is no such bound."""

    @abstractmethod
    def detections(self, coverage: Tensor, corners: Tensor) -> Detections:
        """Return the detections of one image.

        Args:
            coverage: (classes, cells), how sure a cell is that an object of a class covers it.
            corners: (cells, 4) its box in pixels, cut at the image's border.
        """
