"""How many numbers of a network are trained."""

from typing import final

from torch import nn

from gensynth.graph.operations import Shape
from gensynth.metrics.metric import Metric


@final
class Parameters(Metric):
    """Count of trained numbers, each shared one once; statistics of norms are not trained."""

    @property
    def name(self) -> str:
        """`parameters`, a count."""
        return "parameters"

    def measure(self, network: nn.Module, input_shape: Shape) -> float:  # noqa: ARG002
        """Return the count; the input's shape does not matter."""
        return float(sum(parameter.numel() for parameter in network.parameters()))
