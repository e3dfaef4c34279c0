"""The LightningModule that joins a task and a network."""

import math
from typing import Any, final

import torch
from pytorch_lightning import LightningModule
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from gensynth.errors import TrainingFailed
from gensynth.tasks.task import Task

CHECK_EVERY_STEPS = 50
"""Steps between two looks at the loss; each look waits for the device."""


@final
class Fitting(LightningModule):
    """One training of one network: what a step is, and when to give up.

    Args:
        network: trained in place.
        task: gives the loss.
        optimizer: of the network's parameters.
        schedule: of the learning rate; takes a step after every batch.
        gradient_clip: longest norm of a gradient; 0: any.

    Attributes:
        epoch_losses: mean loss of every finished epoch.
        images: how many images have been learned from, counted every time.
    """

    def __init__(
        self,
        network: nn.Module,
        task: Task,
        optimizer: Optimizer,
        schedule: LRScheduler,
        *,
        gradient_clip: float,
    ) -> None:
        super().__init__()
        self.network = network
        self.epoch_losses: list[float] = []
        self.images = 0
        self._task = task
        self._optimizer, self._schedule = optimizer, schedule
        self._clip = gradient_clip
        self._losses: list[Tensor] = []

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Return the optimiser, and the schedule with its interval."""
        schedule = {"scheduler": self._schedule, "interval": "step"}
        return {"optimizer": self._optimizer, "lr_scheduler": schedule}  # type: ignore[return-value]

    def training_step(self, batch: tuple[Tensor, Any, Tensor | None], index: int) -> Tensor:
        """Return the loss of one batch: images, targets, the teacher's answers or None.

        Raises:
            TrainingFailed: a loss was not finite.
        """
        images, targets, teacher = batch
        loss = self._task.loss(self.network(images), targets, teacher)
        self._losses.append(loss.detach())
        self.images += len(images)
        if (index + 1) % CHECK_EVERY_STEPS == 0:
            self._mean_loss()
        return loss

    def on_before_optimizer_step(self, *_: object) -> None:
        """Shorten a gradient that is too long; Lightning's own way refuses fused optimisers."""
        if self._clip > 0.0:
            nn.utils.clip_grad_norm_(self.network.parameters(), self._clip)

    def on_train_epoch_end(self) -> None:
        """Note the epoch's mean loss."""
        self.epoch_losses.append(self._mean_loss())
        self._losses = []

    def on_train_end(self) -> None:
        """Look at the weights that the last step left behind; no loss has seen them.

        Raises:
            TrainingFailed: one of them is not finite.
        """
        finite = [weight.detach().isfinite().all() for weight in self.network.parameters()]
        if not bool(torch.stack(finite).all()):
            raise self._diverged("a weight is not finite after the last step")

    def transfer_batch_to_device(self, batch: Any, *_: object) -> Any:
        """Return the batch as it is: it was made on the device."""
        return batch

    def _mean_loss(self) -> float:
        mean = float(torch.stack(self._losses).mean())
        if not math.isfinite(mean):
            raise self._diverged(f"the loss is {mean} in epoch {self.current_epoch + 1}")
        return mean

    def _diverged(self, what: str) -> TrainingFailed:
        rate = self._optimizer.param_groups[0]["initial_lr"]
        return TrainingFailed(f"{what}; try a training.learning_rate below {rate}")
