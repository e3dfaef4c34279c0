"""Semantic segmentation: one class per pixel."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Any, ClassVar, Literal, Self, final, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from gensynth.data.data_module import ImageData, Labelled
from gensynth.data.warp import VOID
from gensynth.errors import ConfigurationError, DataError
from gensynth.network.graph_network import Output, evaluating
from gensynth.tasks.bootstrap import standard_errors
from gensynth.tasks.confusion import Confusion, count, joined
from gensynth.tasks.label_picture import label_picture
from gensynth.tasks.task import Batch, Quality, Task, only

Balance = Literal["none", "median_frequency"]
BALANCES = ("none", "median_frequency")
Measurement = Literal[
    "pixel_accuracy", "pixel_accuracy_with_void", "mean_class_accuracy", "mean_iou"
]
MEASUREMENTS: tuple[str, ...] = get_args(Measurement)


@final
class Segmentation(Task):
    """One class per pixel; quality is one of the measurements over all classes, in percent.

    The loss is the cross-entropy over pixels whose class is known, mixed with what a teacher thinks
    of a grid of pixels; see `Classification` for the mixture.

    Args:
        quality: which of the measurements over all classes is the main one.
        label_smoothing: share of every target that is spread evenly over all classes, in [0, 1).
        distillation_weight: the teacher's share of the loss, in [0, 1].
        temperature: of the teacher's and the student's answers, positive.
        lesson_stride: the teacher is asked about every so many pixels, across and down; what it
            says of neighbours is nearly the same, and answers are kept in files.
        dice_weight: of the soft Dice loss (Milletari et al. 2016), which is added; 0 or more. It
            counts every class alike, however few pixels it has.
        balance: `median_frequency` weighs classes by median frequency / own frequency in the
            training images they occur in (Eigen and Fergus 2015); `none` weighs all pixels alike.

    Raises:
        ConfigurationError: a value is outside its range.
    """

    labelled: ClassVar[Labelled] = "pixel"
    reading = (
        "one number per class and position: resize bilinearly to the image, then the largest one"
        " says which class a pixel has"
    )

    def __init__(
        self,
        *,
        quality: Measurement,
        label_smoothing: float,
        distillation_weight: float,
        temperature: float,
        lesson_stride: int,
        dice_weight: float,
        balance: Balance,
    ) -> None:
        laws = (
            ("quality", quality, quality in MEASUREMENTS, f"one of {', '.join(MEASUREMENTS)}"),
            ("label_smoothing", label_smoothing, 0 <= label_smoothing < 1, "from 0 to below 1"),
            ("distillation_weight", distillation_weight, 0 <= distillation_weight <= 1, "0 to 1"),
            ("temperature", temperature, 0 < temperature < math.inf, "positive"),
            ("lesson_stride", lesson_stride, lesson_stride >= 1, "1 or more"),
            ("dice_weight", dice_weight, 0 <= dice_weight < math.inf, "0 or more"),
            ("balance", balance, balance in BALANCES, f"one of {', '.join(BALANCES)}"),
        )
        for name, value, holds, allowed in laws:
            if not holds:
                raise ConfigurationError(f"task.{name}={value} must be {allowed}")
        self._quality = quality
        self._smoothing = label_smoothing
        self._weight = distillation_weight
        self._temperature = temperature
        self._stride = lesson_stride
        self._dice_weight = dice_weight
        self._balance = balance
        self._classes: tuple[str, ...] = ()
        self._class_weights: tuple[float, ...] = ()

    @property
    def quality(self) -> str:
        """Name of the main measurement."""
        return self._quality

    @property
    def percentages(self) -> frozenset[str]:
        """Accuracies, and the intersection over union of each class and their mean."""
        return frozenset([*MEASUREMENTS, *(f"iou_{name.lower()}" for name in self._classes)])

    @property
    def headline(self) -> tuple[str, ...]:
        """The main one, and mean intersection over union or else pixel accuracy."""
        return (self._quality, "pixel_accuracy" if self._quality == "mean_iou" else "mean_iou")

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over the settings and the weights of classes."""
        settings = [self._smoothing, self._weight, self._temperature, self._stride]
        parts = ["segmentation", *settings, *self._class_weights]
        parts += ["dice", self._dice_weight] if self._dice_weight else []
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def lesson_digest(self) -> str:
        """SHA-256 (hex) over which pixels a teacher is asked about."""
        return hashlib.sha256(json.dumps(["segmentation", self._stride]).encode()).hexdigest()

    @property
    def distils(self) -> bool:
        """Whether the teacher has a share of the loss."""
        return self._weight > 0

    def untaught(self) -> Self:
        """Return the task without a teacher's share of the loss."""
        one = copy(self)
        one._weight, one._temperature, one._stride = 0.0, 1.0, 1
        return one

    def fitted(self, data: ImageData) -> Self:
        """Return the task with the names of the data's classes and, if asked for, their weights."""
        one = copy(self)
        one._classes = tuple(data.classes)
        if self._balance == "median_frequency":
            labels = data.images("train")[1].cpu().numpy()
            one._class_weights = tuple(median_frequency_weights(labels, len(data.classes)).tolist())
        return one

    def output_channels(self, classes: Sequence[str]) -> int:
        """One logit per class."""
        return len(classes)

    def lesson(self, output: Output) -> Tensor:
        """Return the (n, classes, ...) logits of every `lesson_stride`-th pixel."""
        start = self._stride // 2
        return only(output)[..., start :: self._stride, start :: self._stride]

    def loss(self, output: Output, targets: Any, teacher: Tensor | None) -> Tensor:
        """Return the mixed loss of (n, classes, h, w) logits against (n, h, w) labels."""
        logits = only(output).float()
        labels = targets.long()
        labels = labels.masked_fill(labels >= logits.shape[1], VOID)
        loss = self._mixed(logits, labels, teacher)
        return loss + self._dice_weight * dice_loss(logits, labels) if self._dice_weight else loss

    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> Quality:
        """Return accuracies and intersections over union, at the labels' own resolution.

        Logits are resized bilinearly to the labels. All values come from one accumulated
        confusion; classes that occur in no label have no intersection over union.
        """
        with evaluating(network):
            parts = [self._count(only(network(images)), labels) for images, labels in batches]
        if not parts:
            raise DataError("no images to measure pixel_accuracy on: the split is empty")
        confusion = joined(parts)
        if not confusion.counts.any():
            raise DataError("every pixel is void: nothing to measure pixel_accuracy on")
        metrics = confusion.metrics(self._names(confusion.counts.shape[1]))
        examples = {name: confusion.contributions(one) for name, one in metrics.items()}
        return Quality(
            {name: confusion.values(one) for name, one in metrics.items()},
            standard_errors(examples, int(confusion.counts.sum())),
            examples,
            confusion.intervals(metrics, np.random.default_rng(0)),
        )

    def pictures(
        self, network: nn.Module, batch: Batch, pixels: Tensor, split: Iterable[Batch]
    ) -> Mapping[str, NDArray[np.uint8]]:
        """Return `segments`: a row per image of itself, its labels, the prediction, the errors."""
        del split
        images, labels = batch
        with evaluating(network):
            logits = only(network(images))
        colours = pixels if pixels.shape[1] == 3 else pixels[:, :1].expand(-1, 3, -1, -1)
        seen = F.interpolate(colours.float(), labels.shape[-2:], mode="nearest").byte()
        rgb = seen.permute(0, 2, 3, 1).cpu().numpy()
        predicted = _predicted(logits, labels).astype(np.uint8)
        parts = rgb, labels.cpu().numpy().astype(np.uint8), predicted
        return {"segments": label_picture(*parts, self._names(logits.shape[1]))}

    def _mixed(self, logits: Tensor, labels: Tensor, teacher: Tensor | None) -> Tensor:
        hard = self._cross_entropy(logits, labels)
        if teacher is None or not self.distils:
            return hard
        student = F.log_softmax(self.lesson(logits) / self._temperature, dim=1)
        taught = F.log_softmax(teacher.float() / self._temperature, dim=1)
        soft = F.kl_div(student, taught, reduction="none", log_target=True).sum(1).mean()
        return (1 - self._weight) * hard + self._weight * self._temperature**2 * soft

    def _cross_entropy(self, logits: Tensor, labels: Tensor) -> Tensor:
        weights = torch.tensor(self._class_weights, device=logits.device)
        each = F.cross_entropy(
            logits,
            labels,
            weight=weights if self._class_weights else None,
            ignore_index=VOID,
            label_smoothing=self._smoothing,
            reduction="sum",
        )
        return each / (labels != VOID).sum().clamp(min=1)

    def _count(self, logits: Tensor, labels: Tensor) -> Confusion:
        predicted = _predicted(logits, labels)
        return count(predicted, labels.cpu().numpy().astype(np.int64), logits.shape[1])

    def _names(self, classes: int) -> Sequence[str]:
        return self._classes or [str(index) for index in range(classes)]


def dice_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Return 1 - the mean over classes of 2 x overlap / (predicted + labelled), known pixels only.

    Predicted are probabilities, so that it can be descended; classes that no pixel of the batch is
    labelled with are left out.

    Args:
        logits: (n, classes, h, w).
        labels: (n, h, w), `VOID` where no class is known.
    """
    known = labels != VOID
    shares = F.softmax(logits, dim=1) * known[:, None]
    right = F.one_hot(labels.where(known, 0), logits.shape[1]).movedim(-1, 1) * known[:, None]
    labelled = right.sum((0, 2, 3))
    overlap = (shares * right).sum((0, 2, 3))
    dice = 2 * overlap / (shares.sum((0, 2, 3)) + labelled).clamp(min=1)
    occurs = labelled > 0
    return ((1 - dice) * occurs).sum() / occurs.sum().clamp(min=1)


def _predicted(logits: Tensor, labels: Tensor) -> NDArray[np.int64]:
    """Return the most likely class of every label's pixel: (n, h, w) at the labels' size."""
    size = labels.shape[-2:]
    resized = F.interpolate(logits.float(), size, mode="bilinear", align_corners=False)
    found: NDArray[np.int64] = resized.argmax(1).cpu().numpy()
    return found


def median_frequency_weights(labels: NDArray[Any], classes: int) -> NDArray[np.float64]:
    """Return (classes,) weights: median frequency / own; 0 for a class that never occurs.

    A class's frequency is its share of the known pixels of the images that it occurs in.

    Args:
        labels: (n, h, w); anything from `classes` on is void.
        classes: how many there are.
    """
    counts = np.stack([np.bincount(one.ravel(), minlength=256)[:classes] for one in labels])
    known = counts.sum(1)
    where = (counts > 0).T @ known
    frequency = np.where(where > 0, counts.sum(0) / np.maximum(where, 1), np.nan)
    weights = np.nanmedian(frequency) / frequency
    found: NDArray[np.float64] = np.nan_to_num(weights, nan=0.0)
    return found
