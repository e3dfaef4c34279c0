"""A training that takes too long is given up."""

import time
from typing import Any, final

from pytorch_lightning import Callback, LightningModule, Trainer

from gensynth.errors import TrainingFailed


@final
class TimeLimit(Callback):
    """Ends a training before the first step that begins too late.

    Args:
        seconds: wall-clock time that it may take, counted from its first step.
    """

    def __init__(self, *, seconds: float) -> None:
        self.seconds = seconds
        self._started = 0.0

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:  # noqa: ARG002
        """Start the clock."""
        self._started = time.perf_counter()

    def on_train_batch_start(
        self,
        trainer: Trainer,
        pl_module: LightningModule,  # noqa: ARG002 - Lightning's signature
        batch: Any,  # noqa: ARG002
        batch_idx: int,  # noqa: ARG002
    ) -> None:
        """Look at the clock.

        Raises:
            TrainingFailed: the time is over.
        """
        seconds = time.perf_counter() - self._started
        if seconds > self.seconds:
            raise TrainingFailed(
                f"too slow: {trainer.global_step} steps of {trainer.max_epochs} epochs took"
                f" {seconds:.1f} s, and the limit for the whole training is {self.seconds:.1f} s"
            )
