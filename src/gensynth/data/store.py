"""A data set's images in memory, on one device, and the arithmetic that makes batches of them."""

from dataclasses import dataclass
from typing import final

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
        targets: (n,) class indices, int64.
        identity: stands for all of the above: other contents have another identity.
    """

    images: NDArray[np.uint8]
    targets: NDArray[np.int64]
    identity: str


@final
class Store:
    """Splits as tensors; train images are kept padded, ready to be cropped.

    Args:
        training: what train, search and confirm are cut from.
        partition: how.
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
        partition: Partition,
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
        for split, members in partition.divide(training.targets).items():
            images, targets = training.images[members], training.targets[members]
            self.hold(split, augmentation.pad(images) if split == "train" else images, targets)
        self._padded, train_targets = self._splits["train"]
        edge = augmentation.shift
        inside = slice(edge, -edge or None)
        self._splits["train"] = self._padded[:, inside, inside], train_targets
        self._moves: tuple[int, Tensor] | None = None

    def hold(self, split: Split, images: NDArray[np.uint8], targets: NDArray[np.int64]) -> None:
        """Keep a split's (n, h, w, c) images and (n,) targets.

        Tensors made under `torch.inference_mode` could never be trained on; whoever asks first must
        not decide.
        """
        with torch.inference_mode(False):
            self._splits[split] = (
                torch.from_numpy(images).to(self._device),
                torch.from_numpy(targets).to(self._device),
            )

    def holds(self, split: Split) -> bool:
        """Tell whether a split is in memory."""
        return split in self._splits

    @property
    def counts(self) -> dict[Split, int]:
        """Images per split."""
        return {split: len(targets) for split, (_, targets) in self._splits.items()}

    def split(self, split: Split) -> tuple[Tensor, Tensor]:
        """Return a split's (n, h, w, c) uint8 images, (n,) int64 targets; views, do not write."""
        return self._splits[split]

    def normal(self, images: Tensor) -> Tensor:
        """Return (b, c, h, w) float32 channels_last from (b, h, w, c) uint8."""
        return self._normalisation(images)

    def augmented(self, epoch: int, indices: Tensor) -> Tensor:
        """Return train images as an epoch shows them: (b, c, h, w) float32 channels_last.

        Args:
            epoch: which epoch's shifts and flips.
            indices: (b,) positions in the train split, int64.
        """
        indices = indices.to(self._device)
        if self._moves is None or self._moves[0] != epoch:
            table = self._augmentation.moves(epoch, len(self._padded))
            self._moves = epoch, torch.from_numpy(table).to(self._device)
        crops = self._augmentation.crop(self._padded, indices, self._moves[1][indices])
        return self._normalisation(crops)
