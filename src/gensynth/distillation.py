"""What a teacher says to every training image, computed once and shared by everybody who learns."""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal, final

import numpy as np
import torch
from filelock import FileLock, Timeout
from numpy.typing import NDArray
from torch import Tensor

from gensynth.data.data_module import ImageData
from gensynth.network.digest import weights_digest
from gensynth.network.graph_network import GraphNetwork, evaluating
from gensynth.network.hardware import Precision, detect_precision
from gensynth.tasks.task import Task

PIECES = 8
"""Parts in which the lessons of an epoch are computed."""


@final
class TeacherLogits:
    """A teacher's lessons on the train split, epoch by epoch, kept in files.

    An epoch's augmentation is a function of the epoch and the image alone, so these outputs belong
    to exactly the pixels every student sees in that epoch. Processes share the files, and those
    that ask for the same epoch share the work: to ask a teacher may take longer than to train a
    small student. Picklable.

    Args:
        network: the teacher; used in evaluation mode, its values stay as they are.
        task: says what of an output is the lesson.
        data: whose train split and augmentation the outputs belong to.
        folder: the files lie below it, in a folder named after all that decides them: teacher,
            lesson, data, precision, device and threads.
        batch_size: images per forward pass.
        precision: in which the teacher computes; `auto`: the device's.
        threads: that the processes compute with which will ask.
    """

    def __init__(
        self,
        network: GraphNetwork,
        task: Task,
        data: ImageData,
        folder: Path,
        *,
        batch_size: int,
        precision: Precision | Literal["auto"],
        threads: int,
    ) -> None:
        self._network, self._task, self._data = network, task, data
        self._batch_size = batch_size
        device = data.device
        self._precision = detect_precision(device) if precision == "auto" else precision
        self._identity = {
            "teacher": weights_digest(network),
            "lesson": task.lesson_digest,
            "data": data.digest,
            "precision": self._precision,
            # Both decide the last digits, and what one run leaves here another one reads.
            "device": device.type,
            "threads": str(threads),
        }
        parts = [self._identity[part][:16] for part in ("teacher", "lesson", "data")]
        machine = [self._identity[part] for part in ("precision", "device", "threads")]
        self._folder = folder / "-".join([*parts, *machine])

    def logits(self, epoch: int) -> NDArray[np.float16]:
        """Return (n_train, *lesson's shape) float16, read-only, mapped from a file.

        Row i belongs to image i of the train split as it looks in that epoch.
        """
        path = self._folder / f"epoch-{epoch:04d}.npy"
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / "identity.json").write_text(json.dumps(self._identity, indent=2))
            self._make(path, epoch)
        answers: NDArray[np.float16] = np.load(path, mmap_mode="r", allow_pickle=False)
        return answers

    def _make(self, path: Path, epoch: int) -> None:
        """Compute the pieces that nobody else works on, wait for the others, and join them."""
        batches = torch.split(torch.arange(self._data.counts["train"]), self._batch_size)
        shares = [share for share in np.array_split(np.arange(len(batches)), PIECES) if len(share)]
        pieces = [path.with_suffix(f".{number}.npy") for number in range(len(shares))]
        for waits in (False, True):
            for number, (piece, share) in enumerate(zip(pieces, shares, strict=True)):
                with suppress(Timeout), self._lock(f"piece-{number}", blocking=waits):
                    if not (piece.exists() or path.exists()):
                        _write(piece, self._compute(epoch, [batches[index] for index in share]))
        with self._lock("whole"):
            if not path.exists():
                _write(path, np.concatenate([np.load(piece) for piece in pieces]))
            for piece in pieces:
                piece.unlink(missing_ok=True)

    def _lock(self, name: str, *, blocking: bool = True) -> FileLock:
        return FileLock(self._folder / f"{name}.lock", blocking=blocking)

    def _compute(self, epoch: int, batches: Sequence[Tensor]) -> NDArray[np.float16]:
        device = self._data.device
        # The order that the images have: on the CPU the other one takes 1.4 times as long.
        self._network.to(device).to(memory_format=torch.channels_last)
        with evaluating(self._network):
            answers = [self._answer(epoch, indices.to(device)) for indices in batches]
        return torch.cat(answers).numpy()

    def _answer(self, epoch: int, indices: Tensor) -> Tensor:
        # In full precision, as students get them: autocast would round what turns colours.
        images = self._data.augmented(epoch, indices)
        reduced = self._precision == "bfloat16"
        with torch.autocast(images.device.type, dtype=torch.bfloat16, enabled=reduced):
            return self._task.lesson(self._network(images)).half().cpu()


def _write(path: Path, answers: NDArray[np.float16]) -> None:
    """Let the file appear whole or not at all, whenever this process is killed."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.save(file, answers, allow_pickle=False)
    part.replace(path)
