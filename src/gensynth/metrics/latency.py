"""How long a network takes on this machine."""

import statistics
import time
from typing import final

import torch
from torch import nn

from gensynth.graph.operations import Shape
from gensynth.metrics.metric import Metric
from gensynth.network.graph_network import evaluating


@final
class Latency(Metric):
    """Median time of one forward pass in milliseconds, where the network is, with current threads.

    Args:
        batch_size: images per pass; the time is per pass, not per image.
        warm_up: passes before the clock starts.
        repeats: passes that are timed.
    """

    def __init__(self, *, batch_size: int = 1, warm_up: int = 10, repeats: int = 50) -> None:
        self.batch_size = batch_size
        self.warm_up = warm_up
        self.repeats = repeats

    @property
    def name(self) -> str:
        """`latency_ms`, milliseconds per forward pass."""
        return "latency_ms"

    def measure(self, network: nn.Module, input_shape: Shape) -> float:
        """Return the median in milliseconds; see `times` for the spread."""
        return statistics.median(self.times(network, input_shape))

    def times(self, network: nn.Module, input_shape: Shape) -> list[float]:
        """Return the milliseconds of every timed pass, in order."""
        weight = next(network.parameters())
        images = torch.randn(
            self.batch_size, *input_shape, generator=torch.Generator().manual_seed(0)
        ).to(weight.device, weight.dtype)
        with evaluating(network):
            for _ in range(self.warm_up):
                network(images)
            return [_pass_ms(network, images) for _ in range(self.repeats)]


def _pass_ms(network: nn.Module, images: torch.Tensor) -> float:
    _finish(images.device)
    start = time.perf_counter()
    network(images)
    _finish(images.device)
    return (time.perf_counter() - start) * 1000


def _finish(device: torch.device) -> None:
    """Wait until the device has done what it was told: CUDA runs ahead of Python."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
