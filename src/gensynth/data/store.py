"""A data set's images in memory, on one device, and the arithmetic that makes batches of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gensynth.data.augmentation import Augmentation
from gensynth.data.normalisation import Normalisation
from gensynth.data.partition import Partition, Split


@final
@dataclass(frozen=True, slots=True)
class Contents:
    """Images as they were read.

    Args:
        images: (n, height, width, channels), uint8.
        targets: (n, ...), what the task is about: class indices (int64), label maps (uint8), or
            objects with their boxes (float32).
        identity: stands for all of the above: other contents have another identity.
        division: members of train, search and confirm where the data set itself decides; None: the
            partition divides by class.
    """

    images: NDArray[np.uint8]
    targets: NDArray[Any]
    identity: str
    division: Mapping[Split, NDArray[np.int64]] | None = None


def joined(parts: Mapping[Split, Contents]) -> Contents:
    """Return the contents of several splits as one, divided as they were."""
    ends = np.cumsum([len(one.images) for one in parts.values()])
    starts = [0, *ends[:-1]]
    division = {
        split: np.arange(start, end) for split, start, end in zip(parts, starts, ends, strict=True)
    }
    return Contents(
        np.concatenate([one.images for one in parts.values()]),
        np.concatenate([one.targets for one in parts.values()]),
        " ".join(one.identity for one in parts.values()),
        division,
    )


@final
class Store:
    """Splits as tensors; train images are kept as the augmentation wants them.

    Args:
        training: what train, search and confirm are cut from.
        partition: how; None: the contents say.
        augmentation: of train images.
        normalisation: from bytes to what a network reads.
        device: where everything is kept and computed.

    Attributes:
        identity: of the training contents.
        training_images: how many there were before they were divided.
    """

    def __init__(
        self,
        training: Contents,
        *,
        partition: Partition | None,
        augmentation: Augmentation,
        normalisation: Normalisation,
        device: torch.device,
    ) -> None:
        self.identity = training.identity
        self.training_images = len(training.targets)
        self._augmentation = augmentation
        self._normalisation = normalisation.to(device)
        self._device = device
        self._splits: dict[Split, tuple[Tensor, Tensor]] = {}
        for split, members in _division(training, partition).items():
            images, targets = training.images[members], training.targets[members]
            self.hold(split, augmentation.kept(images) if split == "train" else images, targets)
        self._train, targets_of_train = self._splits["train"]
        self._splits["train"] = augmentation.plain(self._train), targets_of_train
        self._moves: tuple[int, Tensor] | None = None

    def hold(self, split: Split, images: NDArray[np.uint8], targets: NDArray[Any]) -> None:
        """Keep a split's (n, h, w, c) images and (n, ...) targets.

        Tensors made under `torch.inference_mode` could never be trained on; whoever asks first must
        not decide. Arrays mapped from files are copied: tensors cannot be read-only.
        """
        with torch.inference_mode(False):
            self._splits[split] = _tensor(images, self._device), _tensor(targets, self._device)

    def holds(self, split: Split) -> bool:
        """Tell whether a split is in memory."""
        return split in self._splits

    @property
    def counts(self) -> dict[Split, int]:
        """Images per split."""
        return {split: len(targets) for split, (_, targets) in self._splits.items()}

    def split(self, split: Split) -> tuple[Tensor, Tensor]:
        """Return a split's (n, h, w, c) uint8 images and (n, ...) targets; views, do not write."""
        return self._splits[split]

    def normal(self, images: Tensor) -> Tensor:
        """Return (b, c, h, w) float32 channels_last from (b, h, w, c) bytes."""
        return self._normalisation(images)

    def augmented(self, epoch: int, indices: Tensor) -> Tensor:
        """Return train images as an epoch shows them: (b, c, h, w) float32 channels_last.

        Args:
            epoch: which epoch's moves.
            indices: (b,) positions in the train split, int64.
        """
        indices = indices.to(self._device)
        moves = self._moves_of(epoch)[indices]
        return self._normalisation(self._augmentation.images(self._train, indices, moves))

    def augmented_targets(self, epoch: int, indices: Tensor) -> Tensor:
        """Return the (b, ...) targets of train images as an epoch shows them; see `augmented`."""
        indices = indices.to(self._device)
        images, targets = self._splits["train"]
        size = images.shape[1], images.shape[2]
        return self._augmentation.targets(targets[indices], self._moves_of(epoch)[indices], size)

    def _moves_of(self, epoch: int) -> Tensor:
        if self._moves is None or self._moves[0] != epoch:
            table = self._augmentation.moves(epoch, len(self._train))
            self._moves = epoch, torch.from_numpy(table).to(self._device)
        return self._moves[1]


def _tensor(array: NDArray[Any], device: torch.device) -> Tensor:
    return torch.from_numpy(array if array.flags.writeable else array.copy()).to(device)


def _division(training: Contents, partition: Partition | None) -> Mapping[Split, NDArray[np.int64]]:
    if training.division is not None:
        return training.division
    if partition is None:
        raise ValueError("contents without a division of their own need a partition")
    return partition.divide(training.targets)
