"""What a teacher says to every training image, computed once and shared by everybody who learns."""

import json
from pathlib import Path
from typing import Literal, final

import numpy as np
import torch
from filelock import FileLock
from numpy.typing import NDArray
from torch import Tensor

from gensynth.data.data_module import ImageData
from gensynth.network.digest import weights_digest
from gensynth.network.graph_network import GraphNetwork, evaluating
from gensynth.network.hardware import Precision, detect_precision
from gensynth.tasks.task import Task


@final
class TeacherLogits:
    """A teacher's lessons on the train split, epoch by epoch, kept in files.

    An epoch's augmentation is a function of the epoch and the image alone, so these outputs belong
    to exactly the pixels every student sees in that epoch. Processes share the files; the first to
    ask for an epoch computes it while the others wait. Picklable.

    Args:
        network: the teacher, with one output; used in evaluation mode, its values stay as they are.
        task: says what of an output is the lesson.
        data: whose train split and augmentation the outputs belong to.
        folder: the files lie below it, in a folder named after teacher, data and precision.
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
            "task": task.digest,
            "data": data.digest,
            "precision": self._precision,
            # Both decide the last digits, and what one run leaves here another one reads.
            "device": device.type,
            "threads": str(threads),
        }
        parts = [self._identity[part][:16] for part in ("teacher", "task", "data")]
        machine = [self._identity[part] for part in ("precision", "device", "threads")]
        self._folder = folder / "-".join([*parts, *machine])

    def logits(self, epoch: int) -> NDArray[np.float16]:
        """Return (n_train, *lesson's shape) float16, read-only, mapped from a file.

        Row i belongs to image i of the train split as it looks in that epoch.
        """
        path = self._folder / f"epoch-{epoch:04d}.npy"
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_suffix(".lock")):
                if not path.exists():
                    self._write(path, self._compute(epoch))
        answers: NDArray[np.float16] = np.load(path, mmap_mode="r", allow_pickle=False)
        return answers

    def _compute(self, epoch: int) -> NDArray[np.float16]:
        device = self._data.device
        # The order that the images have: on the CPU the other one takes 1.4 times as long.
        self._network.to(device).to(memory_format=torch.channels_last)
        indices = torch.arange(self._data.counts["train"], device=device)
        reduced = torch.autocast(
            device.type, dtype=torch.bfloat16, enabled=self._precision == "bfloat16"
        )
        with evaluating(self._network), reduced:
            answers = [self._answer(epoch, some) for some in torch.split(indices, self._batch_size)]
        return torch.cat(answers).numpy()

    def _answer(self, epoch: int, indices: Tensor) -> Tensor:
        output = self._network(self._data.augmented(epoch, indices))
        return self._task.lesson(output).half().cpu()

    def _write(self, path: Path, answers: NDArray[np.float16]) -> None:
        """Let the file appear whole or not at all, whenever this process is killed."""
        (self._folder / "identity.json").write_text(json.dumps(self._identity, indent=2))
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.save(file, answers, allow_pickle=False)
        part.replace(path)
