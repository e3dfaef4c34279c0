"""Measuring a network on a split, in float32: as it is saved, exported and used."""

from torch import nn

from gensynth.data.data_module import ImageData, Split
from gensynth.tasks.task import Quality, Task
from gensynth.training.training import Training


def evaluate_quality(
    network: nn.Module, task: Task, data: ImageData, split: Split, training: Training
) -> Quality:
    """Return the network's quality on a split, computed in float32 in the recipe's memory order.

    In bfloat16, scores near 1 are rounded to few values, and detections tie. The network is moved
    to the data's device; its mode is left as it was.

    Args:
        network: any network whose outputs the task can read.
        task: what to measure.
        data: where the split is.
        split: which images.
        training: its memory order and batch size apply.

    Raises:
        DataError: the split is closed or empty.
    """
    order = training.memory_format
    network.to(data.device).to(memory_format=order)
    batches = data.batches(split, training.batch_size)
    return task.measure(network, ((x.contiguous(memory_format=order), y) for x, y in batches))
