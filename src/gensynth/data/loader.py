"""What Lightning's loader hooks return: a plain iterable of finished batches."""

from collections.abc import Callable, Iterator
from typing import final

from torch import Tensor

Batch = tuple[Tensor, Tensor]
"""Normalised images (b, c, h, w), float32 channels_last, and the targets (b, ...)."""


@final
class Loader:
    """Iterates batches; every iteration is the next epoch.

    Args:
        batches: gives the batches of an epoch.
        steps: how many there are.
    """

    def __init__(self, batches: Callable[[int], Iterator[Batch]], *, steps: int) -> None:
        self._batches, self._steps, self._epoch = batches, steps, 0

    def __len__(self) -> int:
        return self._steps

    def __iter__(self) -> Iterator[Batch]:
        epoch, self._epoch = self._epoch, self._epoch + 1
        return self._batches(epoch)
