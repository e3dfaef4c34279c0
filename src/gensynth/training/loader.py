"""The loader Lightning iterates: augmented batches beside what the teacher says to them."""

from collections.abc import Iterator
from typing import Any, final

import torch
from torch import Tensor

from gensynth.data.data_module import ImageData
from gensynth.distillation import TeacherLogits


@final
class EpochLoader:
    """Yields one epoch after another; every pass over it is the next epoch.

    Args:
        data: where batches come from.
        teacher: whose answers go with them, or None.
        batch_size: images per batch.
        seed: of the order of images.
        memory_format: of the images.
    """

    def __init__(
        self,
        data: ImageData,
        teacher: TeacherLogits | None,
        *,
        batch_size: int,
        seed: int,
        memory_format: torch.memory_format,
    ) -> None:
        self._data, self._teacher = data, teacher
        self._batch_size, self._seed = batch_size, seed
        self._memory_format = memory_format
        self._next_epoch = 0

    def __len__(self) -> int:
        return self._data.steps(self._batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Any, Tensor | None]]:
        # Lightning may ask for an iterator it never uses: the epoch counts from its first batch.
        epoch = self._next_epoch
        self._next_epoch += 1
        answers = None if self._teacher is None else self._teacher.logits(epoch)
        for indices, images, targets in self._data.train_batches(
            self._batch_size, epoch, self._seed
        ):
            taught = None
            if answers is not None:
                taught = torch.from_numpy(answers[indices.cpu().numpy()]).to(images.device)
            yield images.contiguous(memory_format=self._memory_format), targets, taught
