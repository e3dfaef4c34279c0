"""A single line that tells how far one training is."""

import sys
import time
from typing import Any, TextIO, final

import torch
from pytorch_lightning import Callback, LightningModule, Trainer
from torch import Tensor


@final
class ProgressLine(Callback):
    """Rewrites one line of a terminal: epoch, share done, loss, images per second.

    Reading the loss waits for the device, so it happens at most every `pause_seconds`. Where the
    stream is no terminal one line per epoch is written, `pause_seconds` apart at least.

    Args:
        batch_size: images per step.
        stream: where to write; standard error by default.
        pause_seconds: least time between two updates.
    """

    def __init__(
        self, *, batch_size: int, stream: TextIO | None = None, pause_seconds: float = 0.5
    ) -> None:
        self._batch_size = batch_size
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._pause = pause_seconds
        self._started = self._last = time.perf_counter()

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,  # noqa: ARG002 - Lightning's signature
        outputs: Any,
        batch: Any,  # noqa: ARG002
        batch_idx: int,
    ) -> None:
        """Write the line when the pause is over."""
        now = time.perf_counter()
        last = batch_idx + 1 == trainer.num_training_batches
        if now - self._last < self._pause or not (self._terminal or last):
            return
        self._last = now
        loss = outputs["loss"] if isinstance(outputs, dict) else outputs
        self._write(trainer, batch_idx + 1, loss)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:  # noqa: ARG002
        """Clear the line."""
        self._clear()

    def on_exception(
        self,
        trainer: Trainer,  # noqa: ARG002
        pl_module: LightningModule,  # noqa: ARG002
        exception: BaseException,  # noqa: ARG002
    ) -> None:
        """Clear the line."""
        self._clear()

    def _write(self, trainer: Trainer, step: int, loss: Tensor) -> None:
        steps = max(1, int(trainer.num_training_batches))
        speed = trainer.global_step * self._batch_size / (time.perf_counter() - self._started)
        text = (
            f"epoch {trainer.current_epoch + 1}/{trainer.max_epochs} {step / steps:4.0%}"
            f"  loss {float(torch.as_tensor(loss)):.3f}  {speed:,.0f} images/s"
        )
        end = "" if self._terminal else "\n"
        start = "\r\x1b[K" if self._terminal else ""
        self._stream.write(f"{start}{text}{end}")
        self._stream.flush()

    def _clear(self) -> None:
        if self._terminal:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
