"""The prototype as tools that prune can take it.

Torch-Pruning follows autograd's graph. It knows no shortcut that pads channels, and loses count at
some ways to pool; both get a module here that it can follow, and the function stays the same.
After pruning, a shortcut hands on any channels in any places, which costs it neither parameters
nor MACs: more freedom than gensynth's own designs have.
"""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, final

import torch
import torch_pruning
from torch import Tensor, nn

from gensynth.network.graph_network import GraphNetwork, module_name
from gensynth.network.modules import GlobalAveragePool, Shortcut


class _Picked(torch.autograd.Function):
    """Channels out of (n, c, h, w) by index, zeros where it is -1; one node in autograd's graph."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, index: Tensor, stride: int) -> Tensor:
        ctx.save_for_backward(index)
        ctx.shape, ctx.stride = value.shape, stride
        kept = index >= 0
        picked = value.new_zeros(len(value), len(index), *value[:, :, ::stride, ::stride].shape[2:])
        picked[:, kept] = value[:, index[kept], ::stride, ::stride]
        return picked.contiguous(memory_format=torch.channels_last)

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None, None]:
        (index,) = ctx.saved_tensors
        kept = index >= 0
        found = slope.new_zeros(ctx.shape).contiguous(memory_format=torch.channels_last)
        found[:, index[kept], :: ctx.stride, :: ctx.stride] = slope[:, kept]
        return found, None, None


@torch.fx.wrap
def picked(value: Tensor, index: Tensor, stride: int) -> Tensor:
    """Return what `_Picked` does; torch.fx records it as one call."""
    result: Tensor = _Picked.apply(value, index, stride)
    return result


@final
class Pick(nn.Module):
    """A shortcut that hands on channels by index.

    Args:
        inputs: channels that come in.
        index: per channel that goes out, which one it is; -1: zeros.
        stride: across and down.
    """

    index: Tensor

    def __init__(self, inputs: int, index: Sequence[int], stride: int) -> None:
        super().__init__()
        self.inputs, self.stride = inputs, stride
        self.register_buffer("index", torch.tensor(index))

    def forward(self, value: Tensor) -> Tensor:
        """Turn (n, inputs, h, w) into (n, len(index), ceil(h / stride), ceil(w / stride))."""
        return picked(value, self.index, self.stride)


@final
class PickPruner(torch_pruning.BasePruningFunc):  # type: ignore[misc]
    """How Torch-Pruning takes channels out of a `Pick`, on either side."""

    def prune_out_channels(self, layer: Pick, idxs: Sequence[int]) -> Pick:
        """Drop channels that go out."""
        gone = set(idxs)
        kept = [n for n in range(len(layer.index)) if n not in gone]
        layer.index = layer.index[torch.tensor(kept)]
        return layer

    def prune_in_channels(self, layer: Pick, idxs: Sequence[int]) -> Pick:
        """Drop channels that come in; zeros go out in their place."""
        gone = set(idxs)
        kept = [n for n in range(layer.inputs) if n not in gone]
        place = {old: new for new, old in enumerate(kept)}
        layer.index = torch.tensor([place.get(one, -1) for one in layer.index.tolist()])
        layer.inputs = len(kept)
        return layer

    def get_out_channels(self, layer: Pick) -> int:
        """Return how many go out."""
        return len(layer.index)

    def get_in_channels(self, layer: Pick) -> int:
        """Return how many come in."""
        return layer.inputs


def prunable(network: GraphNetwork) -> GraphNetwork:
    """Return a copy that computes the same, of modules that pruning tools can follow."""
    copy = deepcopy(network).cpu()
    for vertex in copy.graph.vertices[1:]:
        key = module_name(vertex.name)
        module = copy.vertices[key]
        if isinstance(module, Shortcut):
            inputs = copy.graph.shapes[vertex.inputs[0]][0]
            index = [n if n < inputs else -1 for n in range(inputs + module.growth)]
            copy.vertices[key] = Pick(inputs, index, module.stride)
        elif isinstance(module, GlobalAveragePool):
            copy.vertices[key] = nn.AdaptiveAvgPool2d(1)
    return copy
