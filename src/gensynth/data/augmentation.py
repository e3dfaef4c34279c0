"""The contract of augmentation: a function of (seed, epoch, image) and of nothing else.

Because the order of images, the batch size and the network play no part, everybody who asks for
image i in epoch e sees the same pixels; a teacher's answer to them is computed once for all.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


class Augmentation(ABC):
    """Random changes of whole batches of training images, and of targets that follow them."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Return everything that decides the moves, as JSON values."""

    @abstractmethod
    def moves(self, epoch: int, count: int) -> NDArray[Any]:
        """Return (count, k) numbers that say how each image is changed in an epoch.

        Row i depends on (settings, epoch, i) only.
        """

    @abstractmethod
    def kept(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return what is kept in memory of (n, h, w, c) images: themselves, perhaps with a border.

        Raises:
            ConfigurationError: the images do not suit the settings.
        """

    @abstractmethod
    def plain(self, kept: Tensor) -> Tensor:
        """Return the (n, h, w, c) images as they were; a view."""

    @abstractmethod
    def images(self, kept: Tensor, indices: Tensor, moves: Tensor) -> Tensor:
        """Return the (b, h, w, c) changed images of a batch, uint8 or float32 in 0 .. 255.

        Args:
            kept: (n, ...) what `kept` made, as a tensor.
            indices: (b,) which images, int64.
            moves: (b, k) their rows of `moves`.
        """

    @abstractmethod
    def targets(self, targets: Tensor, moves: Tensor, size: tuple[int, int]) -> Tensor:
        """Return the targets of a batch of changed images.

        Args:
            targets: (b, ...) of the images as they were.
            moves: (b, k) their rows of `moves`.
            size: height and width of the images.
        """
