"""The contract of metrics: a network goes in, one number with a unit comes out."""

from abc import ABC, abstractmethod

from torch import nn

from gensynth.graph.operations import Shape


class Metric(ABC):
    """One cost of a network, measured on the built module."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The measurement's name, with its unit where it has one (`macs`, `latency_ms`)."""

    @abstractmethod
    def measure(self, network: nn.Module, input_shape: Shape) -> float:
        """Return the number; the network is left as it was found.

        Args:
            network: any module that takes one batch of images.
            input_shape: (channels, height, width) of one image.
        """
