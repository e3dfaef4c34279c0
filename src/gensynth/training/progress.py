"""How far one training is, for people: on a line of the terminal, and in a file."""

import json
import sys
import time
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self, TextIO, final

import torch
from pytorch_lightning import Callback, LightningModule, Trainer
from torch import Tensor

from gensynth.journal import write_whole


@final
@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training is.

    Args:
        title: what is trained; empty: nothing to tell it from.
        epoch: the present one, from 1.
        epochs: how many there will be.
        share: of the present epoch, 0 to 1.
        loss: of the last step.
        images_per_second: since the start.
    """

    title: str
    epoch: int
    epochs: int
    share: float
    loss: float
    images_per_second: float

    def __str__(self) -> str:
        """Return it as a line."""
        head = f"{self.title}  " if self.title else ""
        return (
            f"{head}epoch {self.epoch}/{self.epochs} {self.share:4.0%}"
            f"  loss {self.loss:.3f}  {self.images_per_second:,.0f} images/s"
        )

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Read what `ProgressFile` wrote; None when that training has ended meanwhile."""
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None


class _ProgressCallback(Callback, ABC):
    """Shows the progress at most every so often: reading the loss waits for the device."""

    def __init__(self, *, title: str, batch_size: int, pause_seconds: float) -> None:
        self._title = title
        self._batch_size = batch_size
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
        """Show the progress when the pause is over."""
        now = time.perf_counter()
        last = batch_idx + 1 == trainer.num_training_batches
        if now - self._last < self._pause or not (last or self._shows_steps):
            return
        self._last = now
        loss = outputs["loss"] if isinstance(outputs, dict) else outputs
        self._show(self._progress(trainer, batch_idx + 1, loss))

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:  # noqa: ARG002
        """Take away what was shown."""
        self._clear()

    def on_exception(
        self,
        trainer: Trainer,  # noqa: ARG002
        pl_module: LightningModule,  # noqa: ARG002
        exception: BaseException,  # noqa: ARG002
    ) -> None:
        """Take away what was shown."""
        self._clear()

    def _progress(self, trainer: Trainer, step: int, loss: Tensor) -> Progress:
        steps = max(1, int(trainer.num_training_batches))
        speed = trainer.global_step * self._batch_size / (time.perf_counter() - self._started)
        return Progress(
            self._title,
            trainer.current_epoch + 1,
            int(trainer.max_epochs or 0),
            step / steps,
            float(torch.as_tensor(loss)),
            speed,
        )

    @property
    @abstractmethod
    def _shows_steps(self) -> bool:
        """Whether progress is shown within an epoch too."""

    @abstractmethod
    def _show(self, progress: Progress) -> None: ...

    @abstractmethod
    def _clear(self) -> None: ...


@final
class ProgressLine(_ProgressCallback):
    """Rewrites one line of a terminal: epoch, share done, loss, images per second.

    Where the stream is no terminal one line per epoch is written, `pause_seconds` apart at least.

    Args:
        batch_size: images per step.
        stream: where to write; standard error by default.
        pause_seconds: least time between two updates.
    """

    def __init__(
        self, *, batch_size: int, stream: TextIO | None = None, pause_seconds: float = 0.5
    ) -> None:
        super().__init__(title="", batch_size=batch_size, pause_seconds=pause_seconds)
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()

    @property
    def _shows_steps(self) -> bool:
        return self._terminal

    def _show(self, progress: Progress) -> None:
        end = "" if self._terminal else "\n"
        start = "\r\x1b[K" if self._terminal else ""
        self._stream.write(f"{start}{progress}{end}")
        self._stream.flush()

    def _clear(self) -> None:
        if self._terminal:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


@final
class ProgressFile(_ProgressCallback):
    """Keeps a file with the progress of a training, for another process to show; gone at its end.

    Args:
        path: the file; its folder is created.
        title: what is trained.
        batch_size: images per step.
        pause_seconds: least time between two updates.
    """

    def __init__(
        self, path: Path, *, title: str, batch_size: int, pause_seconds: float = 0.5
    ) -> None:
        super().__init__(title=title, batch_size=batch_size, pause_seconds=pause_seconds)
        self._path = path
        path.parent.mkdir(exist_ok=True)

    @property
    def _shows_steps(self) -> bool:
        return True

    def _show(self, progress: Progress) -> None:
        write_whole(self._path, json.dumps(asdict(progress)))

    def _clear(self) -> None:
        self._path.unlink(missing_ok=True)
