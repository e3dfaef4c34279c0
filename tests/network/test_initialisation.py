"""Initial weights have the stated spread and come from the generator that is passed in, alone."""

import math

import pytest
import torch
from torch import nn

from gensynth.network.graph_network import GraphNetwork, module_name
from gensynth.network.initialisation import heads, initialise
from gensynth.prototypes.detectnet import detectnet
from gensynth.prototypes.resnet import resnet

GRAPH = resnet((3, 16, 16), 10, depth=8, widths=(8, 16, 32))


def test_building_leaves_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    GraphNetwork(GRAPH, torch.Generator().manual_seed(3))
    assert torch.equal(torch.get_rng_state(), before)


def test_the_generator_decides_the_weights() -> None:
    first, again, other = (
        GraphNetwork(GRAPH, torch.Generator().manual_seed(seed)).state_dict() for seed in (3, 3, 4)
    )
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not any(torch.equal(first[name], other[name]) for name in first if "conv" in name)


@pytest.mark.parametrize(
    ("layer", "variance"),
    [
        (nn.Conv2d(64, 128, 3), 2 / (128 * 9)),
        (nn.Conv2d(512, 512, 5, groups=512), 2 / 25),
        (nn.Linear(200, 100), 1 / 200),
    ],
)
def test_variance_of_weights(layer: nn.Conv2d | nn.Linear, variance: float) -> None:
    initialise(layer, torch.Generator().manual_seed(0))
    count = layer.weight.numel()
    # The sample variance of n normal numbers has the relative standard error sqrt(2 / n).
    assert abs(layer.weight.var().item() / variance - 1) < 4 * math.sqrt(2 / count)
    assert layer.bias is not None
    assert not layer.bias.any()


def test_batch_norm_is_reset() -> None:
    norm = nn.BatchNorm2d(4)
    norm(torch.randn(8, 4, 2, 2, generator=torch.Generator().manual_seed(0)) + 3)
    initialise(norm, torch.Generator())
    assert norm.running_mean is not None
    assert not norm.running_mean.any()
    assert norm.num_batches_tracked == 0


def test_heads_answer_small_however_few_channels_they_have() -> None:
    detector = detectnet((3, 64, 96), 1, width=0.5, norm="batch", large_kernel=5, dropout=0.4)
    assert heads(detector) == ("coverage.conv", "boxes.conv")
    network = GraphNetwork(detector, torch.Generator().manual_seed(0))
    for name in heads(detector):
        weight = network.vertices[module_name(name)].get_parameter("weight")
        assert float(weight.detach().std()) == pytest.approx(weight.shape[1] ** -0.5, rel=0.1)
    assert heads(resnet((3, 8, 8), 4, depth=8, widths=(4, 8, 8))) == ()
