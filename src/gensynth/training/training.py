"""How networks are trained: the recipe, and the fit that follows it."""

import hashlib
import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import final

import torch
from pytorch_lightning import Callback
from torch import nn
from torch.optim import SGD
from torch.optim.lr_scheduler import LambdaLR

from gensynth.data.data_module import ImageData
from gensynth.distillation import TeacherLogits
from gensynth.errors import ConfigurationError
from gensynth.network.hardware import Precision, detect_device
from gensynth.records import Fidelity
from gensynth.tasks.task import Task
from gensynth.training.fit_report import FitReport
from gensynth.training.fitting import run
from gensynth.training.lightning_module import Fitting
from gensynth.training.loader import EpochLoader
from gensynth.training.optimisation import nesterov, one_cycle_schedule
from gensynth.training.precision import PrecisionSetting, resolve
from gensynth.training.progress import ProgressLine
from gensynth.training.seeded import seeded


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """The recipe: stochastic gradient descent, Nesterov momentum, one cycle of the learning rate.

    Args:
        short_epochs: of a training inside a cycle.
        long_epochs: of the training of a network that is reported.
        prototype_epochs: of the prototype's training.
        batch_size: images per step.
        learning_rate: the cycle's peak.
        warmup: share of all steps in which the learning rate rises, at least 0 and below 1.
        momentum: at least 0 and below 1.
        weight_decay: of convolution and linear weights; norms and biases never decay.
        gradient_clip: the longest a gradient may be, as a norm over all weights; 0: any length.
        precision: `float32`, `bfloat16`, or `auto`: bfloat16 where the hardware is fast at it.
        channels_last: memory order of images and weights; faster on most hardware.
        inherit: candidates start from the prototype's weights.
        progress: show a line of progress on standard error.

    Raises:
        ConfigurationError: a value is outside its range.
    """

    short_epochs: int
    long_epochs: int
    prototype_epochs: int
    batch_size: int
    learning_rate: float
    warmup: float
    momentum: float
    weight_decay: float
    gradient_clip: float
    precision: PrecisionSetting
    channels_last: bool
    inherit: bool
    progress: bool

    def __post_init__(self) -> None:
        for name in ("short_epochs", "long_epochs", "prototype_epochs", "batch_size"):
            self._require(name, getattr(self, name) >= 1, "1 or more")
        for name in ("warmup", "momentum"):
            self._require(name, 0.0 <= getattr(self, name) < 1.0, "at least 0 and below 1")
        for name in ("weight_decay", "gradient_clip"):
            self._require(name, 0.0 <= getattr(self, name) < math.inf, "0 or more")
        self._require("learning_rate", 0.0 < self.learning_rate < math.inf, "above 0")
        known = ("auto", "float32", "bfloat16")
        self._require("precision", self.precision in known, f"one of {', '.join(known)}")

    def epochs(self, fidelity: Fidelity) -> int:
        """Return how long a candidate is trained at a fidelity."""
        return self.short_epochs if fidelity == "short" else self.long_epochs

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over everything that decides the weights of any training."""
        return self._digest({"long": self.long_epochs, "short": self.short_epochs})

    @property
    def prototype_digest(self) -> str:
        """SHA-256 (hex) over everything that decides the weights of the prototype's training."""
        return self._digest({"prototype": self.prototype_epochs})

    def fit(
        self,
        network: nn.Module,
        task: Task,
        data: ImageData,
        *,
        epochs: int,
        seed: int,
        teacher: TeacherLogits | None = None,
        watchers: Sequence[Callback] = (),
    ) -> FitReport:
        """Train a network in place, on the data's device; torch's random state is left alone.

        Same network, data, seed, machine and threads: same weights.

        Args:
            network: where training starts from; ends in training mode.
            task: gives the loss.
            data: its train split is learned from.
            epochs: passes over it.
            seed: of the order of images, and of what is random inside the network.
            teacher: distil from its answers too; None: learn from the targets only.
            watchers: a time limit, a file that tells how far the training is.

        Raises:
            TrainingFailed: the loss or a weight is not finite, or a watcher's time is over.
        """
        device, memory_format = data.device, self.memory_format
        precision = self.precision_on(device)
        loader = EpochLoader(
            data,
            teacher,
            batch_size=self.batch_size,
            seed=seed,
            memory_format=memory_format,
        )
        network.train().to(device).to(memory_format=memory_format)
        line = [ProgressLine(batch_size=self.batch_size)] if self.progress else []
        started = time.perf_counter()
        with seeded(seed):
            optimizer, schedule = self._optimisation(network, epochs * len(loader))
            module = Fitting(
                network,
                task,
                optimizer,
                schedule,
                gradient_clip=self.gradient_clip,
            )
            run(
                module,
                loader,
                epochs=epochs,
                precision=precision,
                callbacks=[*watchers, *line],
            )
        seconds = time.perf_counter() - started
        return FitReport(
            seconds=seconds,
            epochs=epochs,
            images_per_second=module.images / seconds,
            final_loss=module.epoch_losses[-1],
            precision=precision,
            threads=torch.get_num_threads(),
        )

    def precision_on(self, device: torch.device) -> Precision:
        """Return what networks compute in on a device: `auto` asks the hardware."""
        return resolve(self.precision, device)

    @property
    def memory_format(self) -> torch.memory_format:
        """Memory order of images and weights."""
        return torch.channels_last if self.channels_last else torch.contiguous_format

    def _optimisation(self, network: nn.Module, steps: int) -> tuple[SGD, LambdaLR]:
        optimizer = nesterov(
            network,
            learning_rate=self.learning_rate,
            momentum=self.momentum,
            weight_decay=self.weight_decay,
        )
        return optimizer, one_cycle_schedule(optimizer, steps=steps, warmup=self.warmup)

    def _digest(self, epochs: dict[str, int]) -> str:
        """Hash the recipe with these lengths of training; what is only shown has no part in it."""
        recipe = asdict(self)
        for name in ("short_epochs", "long_epochs", "prototype_epochs", "inherit", "progress"):
            del recipe[name]
        recipe["precision"] = self.precision_on(detect_device())
        return hashlib.sha256(json.dumps([recipe, epochs], sort_keys=True).encode()).hexdigest()

    def _require(self, name: str, holds: bool, allowed: str) -> None:
        if not holds:
            raise ConfigurationError(f"training.{name}={getattr(self, name)} must be {allowed}")
