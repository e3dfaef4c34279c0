"""Measuring a network on a split at the precision it was trained in."""

from torch import nn

from gensynth.data.data_module import ImageData, Split
from gensynth.tasks.task import Quality, Task
from gensynth.training.precision import autocast
from gensynth.training.training import Training


def evaluate_quality(
    network: nn.Module, task: Task, data: ImageData, split: Split, training: Training
) -> Quality:
    """Return the network's quality on a split, in the recipe's precision and memory order.

    The network is moved to the data's device; its mode is left as it was.

    Args:
        network: any network whose outputs the task can read.
        task: what to measure.
        data: where the split is.
        split: which images.
        training: its precision, memory order and batch size apply.

    Raises:
        DataError: the split is closed or empty.
    """
    order = training.memory_format
    network.to(data.device).to(memory_format=order)
    with autocast(training.precision_on(data.device), data.device):
        batches = data.batches(split, training.batch_size)
        return task.measure(network, ((x.contiguous(memory_format=order), y) for x, y in batches))
