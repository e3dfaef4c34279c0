"""Object detection: boxes around the objects of an image, on a grid as DetectNet does it."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Any, ClassVar, Literal, Self, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torchmetrics.detection import MeanAveragePrecision

from gensynth.data.boxes import CLASS, KIND, Kind
from gensynth.data.data_module import ImageData, Labelled
from gensynth.errors import ConfigurationError, DataError
from gensynth.network.graph_network import Output, evaluating
from gensynth.tasks.average_precision import (
    AveragePrecision,
    Measure,
    OperatingPoint,
    contributions,
)
from gensynth.tasks.bootstrap import interval, resample, standard_errors
from gensynth.tasks.box_picture import box_picture, precision_recall_picture
from gensynth.tasks.coverage import (
    Cells,
    CoverageRule,
    cell_size,
    corners_in_pixels,
    encode,
    taught,
)
from gensynth.tasks.decoding.decoding import Decoding, Detections
from gensynth.tasks.matching import Found, matches
from gensynth.tasks.task import Asked, Batch, Quality, Task

Measurement = Literal["ap_50", "ap_coco", "detectnet_map"]
AP_50, AP_COCO, DETECTNET_MAP = MEASUREMENTS = "ap_50", "ap_coco", "detectnet_map"
COCO_THRESHOLDS = np.linspace(0.5, 0.95, 10)
AT_50, AT_70 = 0, 4
"""Places of the overlaps 0.5 and 0.7, DIGITS's, among them."""

MAP_STRIDE = 4
"""Pixels between positions that a probe may ask about, or a little more."""


@final
class Detection(Task):
    """Boxes around objects; quality is a precision of the detections, in percent.

    The loss is DetectNet's: half the squared error of the coverage, summed over cells, plus the
    absolute errors of corners where an object covers, relative to its size and shared by its cells;
    the mean over images. A teacher's answers take the place of the targets by a share of the loss,
    in cells of ignored objects too, of which targets say nothing.

    Measured are `ap_50` and `ap_coco` (average precision at the overlap 0.5, and the mean over 0.5
    to 0.95, by COCO's tool), and `detectnet_map`: precision x recall at an overlap of 0.7 and one
    operating point, which DIGITS calls mAP.

    Args:
        quality: which of these is the main one.
        coverage_share: the part of an object's width and height that covers cells, above 0 to 1.
        coverage_pixels: but at least so many pixels, 0 or more.
        box_weight: of the corners' loss, 0 or more.
        distillation_weight: the teacher's share of the loss, in [0, 1].
        decoding: makes detections of what cells answer.
        operating_point: least score of the detections that `detectnet_map` counts, 0 or more and
            below the highest that the decoding gives.

    Raises:
        ConfigurationError: a value is outside its range.
    """

    labelled: ClassVar[Labelled] = "box"
    reading = (
        "coverage: how sure a cell of the grid is that an object of a class covers it; boxes:"
        " left, top, right and bottom of that object, in cells, counted from the cell's upper left"
        " corner; a cell is the image's side divided by the grid's; what cells say of the same"
        " object is merged (decoding)"
    )

    def __init__(
        self,
        *,
        quality: Measurement,
        coverage_share: float,
        coverage_pixels: float,
        box_weight: float,
        distillation_weight: float,
        decoding: Decoding,
        operating_point: float,
    ) -> None:
        highest = decoding.highest_score
        point = f"from 0 to below {highest:g}, the decoding's highest score"
        laws = (
            ("quality", quality, quality in MEASUREMENTS, f"one of {', '.join(MEASUREMENTS)}"),
            ("coverage_share", coverage_share, 0 < coverage_share <= 1, "above 0 and up to 1"),
            ("coverage_pixels", coverage_pixels, 0 <= coverage_pixels < math.inf, "0 or more"),
            ("box_weight", box_weight, 0 <= box_weight < math.inf, "0 or more"),
            ("distillation_weight", distillation_weight, 0 <= distillation_weight <= 1, "0 to 1"),
            ("operating_point", operating_point, 0 <= operating_point < highest, point),
        )
        for name, value, holds, allowed in laws:
            if not holds:
                raise ConfigurationError(f"task.{name}={value} must be {allowed}")
        self._quality = quality
        self._rule = CoverageRule(coverage_share, coverage_pixels)
        self._box_weight = box_weight
        self._weight = distillation_weight
        self._decoding = decoding
        self._operating_point = operating_point
        self._classes = 1
        self._size = 0, 0

    @property
    def quality(self) -> str:
        """Name of the main measurement."""
        return self._quality

    @property
    def percentages(self) -> frozenset[str]:
        """All of its measurements."""
        return frozenset(MEASUREMENTS)

    @property
    def headline(self) -> tuple[str, ...]:
        """The main one, and average precision or DIGITS's beside it."""
        return (self._quality, DETECTNET_MAP if self._quality == AP_50 else AP_50)

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over the settings that the loss depends on."""
        rule = self._rule
        settings = [rule.share, rule.least, self._box_weight, self._weight]
        return hashlib.sha256(json.dumps(["detection", *settings]).encode()).hexdigest()

    @property
    def lesson_digest(self) -> str:
        """SHA-256 (hex) of all outputs, whatever the settings are."""
        return hashlib.sha256(b"detection").hexdigest()

    @property
    def distils(self) -> bool:
        """Whether the teacher has a share of the loss."""
        return self._weight > 0

    def untaught(self) -> Self:
        """Return the task without a teacher's share of the loss."""
        one = copy(self)
        one._weight = 0.0
        return one

    def fitted(self, data: ImageData) -> Self:
        """Return the task with the number of the data's classes and the size of its images."""
        one = copy(self)
        one._classes, one._size = len(data.classes), data.input_shape[1:]
        return one

    def output_channels(self, classes: Sequence[str]) -> int:
        """One coverage per class; boxes have their own output."""
        return len(classes)

    def asked(self, targets: Tensor, classes: Sequence[str]) -> Asked:
        """Return a probe's questions at about every fourth pixel: is an object here, where its box.

        Classes are 0 outside, 1 inside an object and -1 in what is ignored. Values are the four
        corners relative to the position, in pixels; NaN outside.
        """
        del classes
        grid = tuple(max(1, side // MAP_STRIDE) for side in self._size)
        whole = CoverageRule(share=1.0, least=0.0)
        alike = targets.clone()
        alike[..., CLASS] = 0
        cells = encode(alike, 1, (grid[0], grid[1]), self._size, whole)
        pixels = cell_size((grid[0], grid[1]), self._size, targets.device).repeat(2)
        return Asked(
            (cells.coverage[:, 0].long() - (cells.known[:, 0] < 1).long()),
            2,
            (cells.boxes * pixels[:, None, None]).masked_fill(cells.coverage < 1, torch.nan),
        )

    def lesson(self, output: Output) -> Tensor:
        """Return the (n, classes + 4, rows, columns) coverage and boxes."""
        return torch.cat([_named(output, "coverage"), _named(output, "boxes")], dim=1)

    def loss(self, output: Output, targets: Any, teacher: Tensor | None) -> Tensor:
        """Return the mixed loss of a grid's answers against (n, m, 6) objects."""
        answers = self.lesson(output).float()
        grid = answers.shape[-2], answers.shape[-1]
        hard = self._against(answers, encode(targets, self._classes, grid, self._size, self._rule))
        if teacher is None or not self.distils:
            return hard
        cell = cell_size(grid, self._size, answers.device)
        soft = self._against(answers, taught(teacher.float(), cell, self._rule))
        return (1 - self._weight) * hard + self._weight * soft

    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> Quality:
        """Return the three precisions over all images of a split, in percent."""
        images = self._found(network, batches)
        counted = sum(int((one.objects[:, KIND] == Kind.OBJECT).sum()) for one in images)
        if not counted:
            raise DataError("no objects to measure ap_50 on: there are none, or all are ignored")
        found = matches(images, self._classes, COCO_THRESHOLDS)
        point = OperatingPoint(found.at(AT_70), self._operating_point)
        values = {**coco_precision(images), DETECTNET_MAP: point(np.ones(len(images)))}
        measures: dict[str, Measure] = {
            AP_50: AveragePrecision(found.at(AT_50)),
            AP_COCO: AveragePrecision(found),
            DETECTNET_MAP: point,
        }
        examples = {
            name: contributions(measure, len(images), values[name])
            for name, measure in measures.items()
        }
        drawn = resample(len(images), np.random.default_rng(0)) / len(images)
        return Quality(
            values,
            standard_errors(examples, counted),
            examples,
            {name: interval((drawn @ each).clip(0, 100)) for name, each in examples.items()},
        )

    def pictures(
        self, network: nn.Module, batch: Batch, pixels: Tensor, split: Iterable[Batch]
    ) -> Mapping[str, NDArray[np.uint8]]:
        """Return `boxes`, a row of images with true and found boxes, and `precision_recall`."""
        shown = self._found(network, [batch])
        colours = pixels if pixels.shape[1] == 3 else pixels[:, :1].expand(-1, 3, -1, -1)
        rgb = colours.permute(0, 2, 3, 1).cpu().numpy()
        found = matches(self._found(network, split), self._classes, COCO_THRESHOLDS[[AT_50, AT_70]])
        return {
            "boxes": box_picture(rgb, shown, self._operating_point),
            "precision_recall": precision_recall_picture(found, COCO_THRESHOLDS[[AT_50, AT_70]]),
        }

    def _against(self, answers: Tensor, wanted: Cells) -> Tensor:
        coverage, boxes = answers[:, :-4], answers[:, -4:]
        cover = ((coverage - wanted.coverage) ** 2 * wanted.known).sum() / 2
        corners = ((boxes - wanted.boxes).abs() * wanted.weights).sum()
        return (cover + self._box_weight * corners) / len(answers)

    def _found(self, network: nn.Module, batches: Iterable[Batch]) -> list[Found]:
        images = []
        with evaluating(network):
            for inputs, targets in batches:
                answers = self.lesson(network(inputs)).float()
                corners = corners_in_pixels(answers[:, -4:], self._size)
                coverage = answers[:, :-4].flatten(2)
                for sure, boxes, objects in zip(coverage, corners, targets, strict=True):
                    images.append(_beside(self._decoding.detections(sure, boxes), objects))
        return images


def coco_precision(images: Sequence[Found]) -> dict[str, float]:
    """Return `ap_50` and `ap_coco` in percent, as COCO's tool has them."""
    metric = MeanAveragePrecision(backend="faster_coco_eval")
    metric.warn_on_many_detections = False
    for one in images:
        there = one.objects[one.objects[:, KIND] != Kind.EMPTY]
        metric.update(
            [_tensors(one.corners, one.classes, scores=one.scores)],
            [_tensors(there[:, :CLASS], there[:, CLASS], iscrowd=there[:, KIND] == Kind.IGNORED)],
        )
    found = metric.compute()
    return {AP_50: 100 * float(found["map_50"]), AP_COCO: 100 * float(found["map"])}


def _tensors(
    corners: NDArray[Any], classes: NDArray[Any], **more: NDArray[Any]
) -> dict[str, Tensor]:
    both = {"boxes": torch.from_numpy(corners), "labels": torch.from_numpy(classes).long()}
    return both | {name: torch.from_numpy(values) for name, values in more.items()}


def _beside(found: Detections, objects: Tensor) -> Found:
    return Found(
        found.corners.double().cpu().numpy(),
        found.scores.double().cpu().numpy(),
        found.classes.cpu().numpy(),
        objects.double().cpu().numpy(),
    )


def _named(output: Output, name: str) -> Tensor:
    if isinstance(output, Tensor) or name not in output:
        have = "one output" if isinstance(output, Tensor) else f"{sorted(output)}"
        raise ValueError(f"a detector answers with coverage and boxes; this network has {have}")
    return output[name]
