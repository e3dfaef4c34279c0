"""The guard of contract suites notices whatever it is there for."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from gensynth.testing.untouched import untouched


def network() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))


def weight(net: nn.Sequential) -> None:
    with torch.no_grad():
        next(net.parameters()).add_(1)


def buffer(net: nn.Sequential) -> None:
    net(torch.randn(2, 1, 4, 4, generator=torch.Generator().manual_seed(0)))


def mode(net: nn.Sequential) -> None:
    net[1].eval()


def gradient(net: nn.Sequential) -> None:
    one = next(net.parameters())
    one.grad = torch.zeros_like(one)


def frozen(net: nn.Sequential) -> None:
    next(net.parameters()).requires_grad_(False)


def hook(net: nn.Sequential) -> None:
    net[0].register_forward_hook(lambda *_: None)


def torch_randomness(net: nn.Sequential) -> None:
    torch.rand(len(net))


def numpy_randomness(net: nn.Sequential) -> None:
    np.random.rand(len(net))  # noqa: NPY002


@pytest.mark.parametrize(
    "act",
    [weight, buffer, mode, gradient, frozen, hook, torch_randomness, numpy_randomness],
)
def test_it_fails_when_something_was_touched(act: Callable[[nn.Sequential], None]) -> None:
    net = network()
    with pytest.raises(AssertionError), untouched(net):
        act(net)


def test_it_passes_when_nothing_was() -> None:
    net = network()
    with untouched(net), torch.no_grad():
        net[0](torch.zeros(1, 1, 4, 4))
