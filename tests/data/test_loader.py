"""Epochs of a loader."""

from collections.abc import Iterator

import torch

from gensynth.data.loader import Batch, Loader


def test_every_iteration_is_the_next_epoch() -> None:
    def batches(epoch: int) -> Iterator[Batch]:
        yield torch.tensor([epoch]), torch.tensor([0])

    loader = Loader(batches, steps=1)
    assert [int(images) for _ in range(3) for images, _ in loader] == [0, 1, 2]
    assert len(loader) == 1
