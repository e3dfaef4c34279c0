"""Fresh weights (He et al. 2015), drawn from a generator that is passed in."""

import math

import torch
from torch import nn

from gensynth.graph.graph import Graph

PASSED_THROUGH = frozenset({"sigmoid", "upsample", "dropout"})
"""Operations that may stand between a head and its output."""


@torch.no_grad()
def initialise(network: nn.Module, rng: torch.Generator) -> None:
    """Draw weights of convolutions and linear layers in place; other tensors get their defaults.

    Convolutions: normal with variance 2 / (kernel area x outputs per group), which keeps the size
    of gradients through a ReLU (He et al. 2015, 2.2). Linear layers: normal with variance
    1 / inputs. Biases: zero. Batch norms: scale 1, shift 0, statistics reset.

    Args:
        network: any module; visited in the order of `network.modules()`.
        rng: a generator on the CPU, wherever the network lives; it alone decides the weights.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            _, _, height, width = module.weight.shape
            fan_out = height * width * module.out_channels // module.groups
            _draw(module, math.sqrt(2 / fan_out), rng)
        elif isinstance(module, nn.Linear):
            _draw(module, math.sqrt(1 / module.in_features), rng)
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_parameters()


def heads(graph: Graph) -> tuple[str, ...]:
    """Return the convolutions that an output is made by, without an activation but its own.

    They are no step on the way of gradients through ReLUs; like linear layers they are drawn with
    variance 1 / inputs, so that answers begin small however few channels they have.
    """
    found = []
    for _, source in graph.outputs:
        vertex = graph.by_name[source]
        while vertex.operation in PASSED_THROUGH:
            vertex = graph.by_name[vertex.inputs[0]]
        if vertex.operation == "conv":
            found.append(vertex.name)
    return tuple(dict.fromkeys(found))


def as_head(layer: nn.Conv2d) -> None:
    """Rescale weights in place from those of `initialise` to variance 1 / inputs."""
    outputs, inputs = layer.weight.shape[:2]
    with torch.no_grad():
        layer.weight.mul_(math.sqrt(outputs / (2 * inputs)))


def unnormed_ends(graph: Graph) -> tuple[str, ...]:
    """Return the convolutions that end the bodies of blocks where no norm holds their size.

    They start at zero, so that a block begins as its identity: without norms the values of many
    blocks in a row would grow beyond all bounds (Zhang, Dauphin and Ma 2019, "Fixup").
    """
    blocks = [frozenset(region.vertices) for region in graph.regions if region.kind == "block"]
    ends = (region.exit for region in graph.regions if region.kind == "body")
    return tuple(
        end
        for end in ends
        if graph.by_name[end].operation == "conv" and any(end in inside for inside in blocks)
    )


def _draw(module: nn.Conv2d | nn.Linear, deviation: float, rng: torch.Generator) -> None:
    module.weight.copy_(torch.randn(module.weight.shape, generator=rng) * deviation)
    if module.bias is not None:
        module.bias.zero_()
