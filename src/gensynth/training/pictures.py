"""What a network makes of a few fixed images of a split, as pictures; computed in float32."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from torch import nn

from gensynth.data.data_module import ImageData, Split
from gensynth.tasks.task import Task
from gensynth.training.training import Training

IMAGES = 4


def draw_pictures(
    network: nn.Module, task: Task, data: ImageData, split: Split, training: Training
) -> Mapping[str, NDArray[np.uint8]]:
    """Return the task's pictures by name, each (h, w, 3); the same images for every network.

    The network is moved to the data's device; its mode is left as it was.

    Args:
        network: any network whose outputs the task can read.
        task: what to draw; some tasks draw nothing.
        data: where the split is.
        split: `IMAGES` of its images are taken.
        training: its memory order and batch size apply.

    Raises:
        DataError: the split is closed.
    """
    order = training.memory_format
    network.to(data.device).to(memory_format=order)
    pixels, images, targets = data.samples(split, IMAGES)
    batch = images.contiguous(memory_format=order), targets
    every = data.batches(split, training.batch_size)
    whole = ((x.contiguous(memory_format=order), y) for x, y in every)
    return task.pictures(network, batch, pixels, whole)
