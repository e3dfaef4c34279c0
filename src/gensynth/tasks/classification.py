"""Image classification: one class per image."""

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gensynth.errors import ConfigurationError, DataError
from gensynth.network.graph_network import Output, evaluating
from gensynth.tasks.task import Batch, Quality, Task, only


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Classification(Task):
    """One class per image; quality is the accuracy in percent.

    The loss mixes cross-entropy with what a teacher thinks of the same images (Hinton, Vinyals and
    Dean, "Distilling the knowledge in a neural network", 2015):
    `(1 - w) CE(targets) + w T^2 KL(softmax(teacher / T) || softmax(output / T))`. The factor T^2
    keeps the gradient's size independent of the temperature. Without a teacher w is 0.

    Args:
        label_smoothing: share of every target that is spread evenly over all classes, in [0, 1).
        distillation_weight: w, the teacher's share of the loss, in [0, 1].
        temperature: T, positive; higher lets the student see more of the small probabilities.

    Raises:
        ConfigurationError: a value is outside its range.
    """

    reading = "one number per class: the largest one says which; softmax makes shares of them"

    label_smoothing: float
    distillation_weight: float
    temperature: float

    def __post_init__(self) -> None:
        laws = (
            ("label_smoothing", 0.0 <= self.label_smoothing < 1.0, "at least 0 and below 1"),
            ("distillation_weight", 0.0 <= self.distillation_weight <= 1.0, "between 0 and 1"),
            ("temperature", 0.0 < self.temperature < math.inf, "positive"),
        )
        for name, holds, allowed in laws:
            if not holds:
                raise ConfigurationError(f"task.{name}={getattr(self, name)} must be {allowed}")

    @property
    def quality(self) -> str:
        """Accuracy in percent."""
        return "accuracy"

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over the settings."""
        settings = [self.label_smoothing, self.distillation_weight, self.temperature]
        return hashlib.sha256(json.dumps(["classification", *settings]).encode()).hexdigest()

    @property
    def lesson_digest(self) -> str:
        """SHA-256 (hex) of the whole output, whatever the settings are."""
        return hashlib.sha256(b"classification").hexdigest()

    @property
    def distils(self) -> bool:
        """Whether the teacher has a share of the loss."""
        return self.distillation_weight > 0

    def untaught(self) -> Self:
        """Return the task without a teacher's share of the loss."""
        return replace(self, distillation_weight=0.0, temperature=1.0)

    def output_channels(self, classes: Sequence[str]) -> int:
        """One logit per class."""
        return len(classes)

    def loss(self, output: Output, targets: Any, teacher: Tensor | None) -> Tensor:
        """Return the mixed loss of (n, classes) logits against (n,) int64 class indices."""
        logits = only(output).float()
        hard = F.cross_entropy(logits, targets, label_smoothing=self.label_smoothing)
        if teacher is None or self.distillation_weight == 0.0:
            return hard
        student_log = F.log_softmax(logits / self.temperature, dim=1)
        teacher_log = F.log_softmax(teacher.float() / self.temperature, dim=1)
        soft = F.kl_div(student_log, teacher_log, reduction="batchmean", log_target=True)
        weight = self.distillation_weight
        return (1.0 - weight) * hard + weight * self.temperature**2 * soft

    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> Quality:
        """Return the accuracy; `examples` holds 100 for a hit and 0 for a miss.

        The standard error is Agresti and Coull's (1998): two hits and two misses are added, so that
        it stays positive when every image is a hit.
        """
        with evaluating(network):
            hits = [only(network(x)).argmax(dim=1) == y.to(x.device) for x, y in batches]
        if not hits:
            raise DataError("no images to measure accuracy on: the split is empty")
        examples = torch.cat(hits).cpu().numpy().astype(np.float64) * 100.0
        share = (examples.sum() / 100.0 + 2.0) / (len(examples) + 4.0)
        error = 100.0 * float(np.sqrt(share * (1.0 - share) / (len(examples) + 4.0)))
        return Quality(
            {self.quality: float(examples.mean())}, {self.quality: error}, {self.quality: examples}
        )
