"""What a tool that prunes may look at while it decides."""

from collections.abc import Iterable
from itertools import islice
from typing import Protocol, final

from torch import Tensor, nn

from gensynth.evaluation import SEARCH
from gensynth.jobs.assembly import Assembly
from gensynth.network.graph_network import GraphNetwork

BATCHES = 4
"""That tell how good a network is without training."""


class Sight(Protocol):
    """Images and what a network makes of them, all on the CPU."""

    def loss(self, network: GraphNetwork) -> tuple[Tensor, int]:
        """Return a network's loss on some training images, and how many."""

    def accuracy(self, network: nn.Module) -> tuple[float, int]:
        """Return a network's accuracy, percent, on some search images, and how many."""

    def images(self) -> Iterable[Tensor]:
        """Return batches of training images."""


@final
class AssemblySight:
    """Looks at the data of a task, as a search would have it.

    Args:
        assembly: of the task.
    """

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly

    def loss(self, network: GraphNetwork) -> tuple[Tensor, int]:
        """Return a network's loss on a batch of training images, and how many they are."""
        a = self._assembly
        _, images, targets = next(iter(a.data.train_batches(a.training.batch_size, 0, 0)))
        return a.task.loss(network(images.cpu()), targets.cpu(), None), len(images)

    def accuracy(self, network: nn.Module) -> tuple[float, int]:
        """Return a network's accuracy, percent, on some search images, and how many they are."""
        a = self._assembly
        given = islice(a.data.batches(SEARCH, a.training.batch_size), BATCHES)
        batches = [(images.cpu(), targets.cpu()) for images, targets in given]
        found = a.task.measure(network, batches).values["accuracy"]
        return found, sum(len(images) for images, _ in batches)

    def images(self) -> list[Tensor]:
        """Return batches of training images."""
        a = self._assembly
        batches = islice(a.data.train_batches(a.training.batch_size, 0, 0), BATCHES)
        return [images.cpu() for _, images, _ in batches]
