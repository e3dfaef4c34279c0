"""How far what was exported is from what PyTorch computes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn

from gensynth.network.graph_network import GraphNetwork, Output

BAR = 1e-4
"""Largest relative difference that is rounding and no mistake."""

BATCH = 8
"""Images compared at once: other numbers than the one that was traced with."""


@final
@dataclass(frozen=True, slots=True)
class Agreement:
    """Largest differences between a file's answers and PyTorch's in float32 on the same images.

    Args:
        images: how many were compared.
        absolute: the largest difference between any two numbers.
        relative: the largest difference in an output, divided by the largest magnitude that PyTorch
            has in that output on these images; of several outputs, the worst one's.
    """

    images: int
    absolute: float
    relative: float

    @property
    def holds(self) -> bool:
        """Whether the relative difference is within `BAR`; one that is no number is not."""
        return self.relative <= BAR


def compare(network: GraphNetwork, other: nn.Module, images: Tensor) -> Agreement:
    """Compare another module's answers with a network's; nothing is changed.

    Args:
        network: in evaluation mode, float32, on the CPU.
        other: any module with the same outputs.
        images: (n, channels, height, width), one or more, as the network reads them.
    """
    gaps: dict[str, Tensor] = {}
    sizes: dict[str, Tensor] = {}
    none = torch.zeros(())
    with torch.no_grad():
        for batch in torch.split(images.cpu().float().contiguous(), BATCH):
            found = _named(other(batch))
            for name, expected in _named(network(batch)).items():
                gap = (found[name] - expected).abs().max()
                gaps[name] = gaps.get(name, none).maximum(gap)  # keeps what is no number
                sizes[name] = sizes.get(name, none).maximum(expected.abs().max())
    relative = [gap / sizes[name] if gap else gap for name, gap in gaps.items()]
    return Agreement(len(images), _worst(gaps.values()), _worst(relative))


def _worst(values: Iterable[Tensor]) -> float:
    return float(torch.stack(list(values)).max())


def _named(output: Output) -> Mapping[str, Tensor]:
    return {"": output} if isinstance(output, Tensor) else output
