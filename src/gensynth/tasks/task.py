"""The contract of tasks: what a network is asked to do, how wrong it is, how good it is."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from gensynth.network.graph_network import Output

Batch = tuple[Tensor, Any]
"""Normalised images (n, channels, height, width), float32, and the task's targets for them."""


@final
@dataclass(frozen=True, slots=True)
class Quality:
    """How well a network does its task on the images of a split.

    Args:
        values: measurement name to value; units are part of the names (accuracy in percent).
        standard_errors: of those values; never zero, so that a perfect score is not a certainty.
        examples: (n,) what each image contributes to the task's main quality, in the same unit, in
            the order the images were given; the mean is the quality. Two networks measured on the
            same images are compared by the differences of these.
    """

    values: Mapping[str, float]
    standard_errors: Mapping[str, float]
    examples: NDArray[np.float64]


class Task(ABC):
    """Loss, decoding and quality of one kind of task; holds no tensors, picklable."""

    @property
    @abstractmethod
    def quality(self) -> str:
        """Name of the main measurement, the one requirements and U speak of; higher is better."""

    @property
    @abstractmethod
    def digest(self) -> str:
        """SHA-256 (hex) over every setting that the loss depends on; part of the key of caches."""

    @abstractmethod
    def output_channels(self, classes: Sequence[str]) -> int:
        """Width of the network's output layer for a data set's class names."""

    @abstractmethod
    def loss(self, output: Output, targets: Any, teacher: Output | None) -> Tensor:
        """Return what training minimises: a scalar float32 tensor, the mean over the batch.

        Args:
            output: the network's answer to a batch, of any floating type.
            targets: the data module's targets for that batch.
            teacher: a better network's answer to the same images; None: learn from targets only.
        """

    @abstractmethod
    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> Quality:
        """Measure the network in evaluation mode; its mode and weights are left as they were.

        Raises:
            DataError: there is no image to measure on.
        """
