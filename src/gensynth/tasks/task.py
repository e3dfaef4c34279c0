"""The contract of tasks: what a network is asked to do, how wrong it is, how good it is."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from gensynth.data.data_module import ImageData, Labelled
from gensynth.network.graph_network import Output

Batch = tuple[Tensor, Any]
"""Normalised images (n, channels, height, width), float32, and the task's targets for them."""


@final
@dataclass(frozen=True, slots=True)
class Quality:
    """How well a network does its task on the images of a split.

    Args:
        values: measurement name to value; units are part of the names (accuracy in percent).
        standard_errors: of those values that are estimates from images; never zero, so that a
            perfect score is not a certainty.
        examples: for each of them, (n,) what each image contributes, in the same unit, in the order
            the images were given. Their mean is the value, and they vary as the value does when
            images are drawn anew. Two networks measured on the same images are compared by the
            differences of these.
        intervals: 95 % intervals of values, where the task can give them.
    """

    values: Mapping[str, float]
    standard_errors: Mapping[str, float]
    examples: Mapping[str, NDArray[np.float64]]
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@final
@dataclass(frozen=True, slots=True)
class Asked:
    """What probes ask about images whose targets are known.

    Args:
        classes: int64, (n,) for whole images or (n, h, w) for positions; a class outside
            [0, class_count) is one that nobody knows.
        class_count: number of classes.
        values: (n, k, h, w) numbers to tell at positions, NaN where there are none; None: no
            numbers are asked for.
    """

    classes: Tensor
    class_count: int
    values: Tensor | None = None


class Task(ABC):
    """Loss, decoding and quality of one kind of task; holds no tensors, picklable."""

    labelled: ClassVar[Labelled] = "image"
    """What needs a class of its own in the data."""
    reading: ClassVar[str] = ""
    """How people read a network's outputs; one line of plain text."""

    @property
    @abstractmethod
    def quality(self) -> str:
        """Name of the main measurement, the one requirements and U speak of; higher is better."""

    @property
    def percentages(self) -> frozenset[str]:
        """Names of its measurements that are in percent: the quality, or more."""
        return frozenset({self.quality})

    @property
    @abstractmethod
    def digest(self) -> str:
        """SHA-256 (hex) over every setting that the loss depends on; part of the key of caches."""

    @property
    def lesson_digest(self) -> str:
        """SHA-256 (hex) over every setting that `lesson` depends on; part of its files' name.

        Here over all settings of the loss: a lesson may be made anew for nothing, never mixed up.
        """
        return self.digest

    @property
    def headline(self) -> tuple[str, ...]:
        """Those of its measurements that a table has room for."""
        return (self.quality,)

    @property
    def distils(self) -> bool:
        """Whether a teacher has a say in the loss; without one its answers are not needed."""
        return True

    def untaught(self) -> Self:
        """Return the task as a prototype is trained on it; here the task itself.

        Where settings that only a teacher needs are the same in all that this returns, prototypes
        that were trained before are found again whatever those settings are.
        """
        return self

    def fitted(self, data: ImageData) -> Self:
        """Return the task with what it has to know of the data, from its training side alone."""
        del data
        return self

    @abstractmethod
    def output_channels(self, classes: Sequence[str]) -> int:
        """Width of the network's output layer for a data set's class names."""

    def asked(self, targets: Tensor, classes: Sequence[str]) -> Asked:
        """Return what probes ask about images: here, which of the data's classes they have.

        Args:
            targets: of n images, as the data module has them.
            classes: the data's.
        """
        return Asked(targets, len(classes))

    def lesson(self, output: Output) -> Tensor:
        """Return what of an answer a student learns from: all of the one output there is.

        Answers are kept in files; a task whose outputs are large may override this with a part,
        and says in `lesson_digest` what that depends on.
        """
        return only(output)

    @abstractmethod
    def loss(self, output: Output, targets: Any, teacher: Tensor | None) -> Tensor:
        """Return what training minimises: a scalar float32 tensor, the mean over the batch.

        Args:
            output: the network's answer to a batch, of any floating type.
            targets: the data module's targets for that batch.
            teacher: a better network's lesson on the same images; None: learn from targets only.
        """

    @abstractmethod
    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> Quality:
        """Measure the network in evaluation mode; its mode and weights are left as they were.

        Raises:
            DataError: there is no image to measure on.
        """

    def pictures(
        self, network: nn.Module, batch: Batch, pixels: Tensor, split: Iterable[Batch]
    ) -> Mapping[str, NDArray[np.uint8]]:
        """Return pictures of what the network makes of images, by name; here there are none.

        Args:
            network: its mode and weights are left as they were.
            batch: n images with their targets.
            pixels: (n, channels, height, width) uint8, the same images as people see them.
            split: all images of the split they are from, for pictures of the whole.

        Returns:
            (height, width, 3) each.
        """
        del network, batch, pixels, split
        return {}


def only(output: Output) -> Tensor:
    """Return the only tensor of an answer.

    Raises:
        ValueError: there are several.
    """
    if isinstance(output, Tensor):
        return output
    if len(output) != 1:
        raise ValueError(f"expected one output, this network has {sorted(output)}")
    return next(iter(output.values()))
