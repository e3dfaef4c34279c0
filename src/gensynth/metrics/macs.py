"""How many multiply-adds one image costs, counted by fvcore."""

import warnings
from typing import final

import torch
from torch import nn

from gensynth.graph.operations import Shape
from gensynth.metrics.metric import Metric
from gensynth.network.graph_network import evaluating

COUNTED = ("conv", "linear", "addmm", "matmul")
"""fvcore's operators for convolutions and linear layers; norms, pools and resizing do not count."""


@final
class Macs(Metric):
    """Multiply-adds of convolutions and linear layers, for a batch of one in evaluation mode."""

    @property
    def name(self) -> str:
        """`macs`, a count of multiply-adds for one image."""
        return "macs"

    def measure(self, network: nn.Module, input_shape: Shape) -> float:
        """Return fvcore's count by operator, summed over convolutions and linear layers."""
        weight = next(network.parameters())
        image = torch.zeros(1, *input_shape, device=weight.device, dtype=weight.dtype)
        with evaluating(network), warnings.catch_warnings():
            # fvcore scripts and traces with parts of torch that torch itself calls deprecated.
            warnings.simplefilter("ignore")
            from fvcore.nn import FlopCountAnalysis

            analysis = FlopCountAnalysis(network, image)
            analysis.unsupported_ops_warnings(enabled=False)
            analysis.uncalled_modules_warnings(enabled=False)
            counts = analysis.by_operator()
        return float(sum(counts[operator] for operator in COUNTED))
