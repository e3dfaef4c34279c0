"""Every operation has a module, and each module does what its rule declares."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from gensynth.graph.graph import Graph
from gensynth.graph.operations import OPERATIONS
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.modules import MODULES, Shortcut, carried

LAYOUTS = [torch.contiguous_format, torch.channels_last]


def test_every_operation_but_the_input_has_a_builder() -> None:
    assert set(MODULES) == set(OPERATIONS) - {"input"}


def test_every_value_has_the_declared_shape(
    mixed: Callable[..., Graph], lively: Callable[..., GraphNetwork], images: Tensor
) -> None:
    graph = mixed()
    assert {v.operation for v in graph.vertices} == set(OPERATIONS)
    _, values = lively(graph).forward_with(images, list(graph.by_name))
    assert {name: tuple(value.shape[1:]) for name, value in values.items()} == graph.shapes


@pytest.mark.parametrize("channels", [3, 5, 9])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_shortcut_is_subsample_then_pad_or_cut(
    channels: int, stride: int, layout: torch.memory_format
) -> None:
    value = torch.randn(2, 5, 7, 8, generator=torch.Generator().manual_seed(0))
    value = value.to(memory_format=layout).requires_grad_()
    found = Shortcut(5, channels, stride)(value)
    expected = value[:, :channels, ::stride, ::stride]
    expected = F.pad(expected, (0, 0, 0, 0, 0, channels - expected.shape[1]))
    assert torch.equal(found, expected)
    signal = torch.randn(found.shape, generator=torch.Generator().manual_seed(1))
    gradients = [torch.autograd.grad(y, value, signal)[0] for y in (found, expected)]
    assert torch.equal(*gradients)


def test_shortcut_costs_nothing_where_nothing_changes() -> None:
    value = torch.zeros(1, 4, 3, 3)
    assert Shortcut(4, 4, 1)(value) is value


@pytest.mark.parametrize("layout", LAYOUTS)
def test_shortcut_keeps_the_memory_format(layout: torch.memory_format) -> None:
    value = torch.zeros(2, 4, 6, 6).to(memory_format=layout).requires_grad_()
    found = Shortcut(4, 8, 2)(value)
    (gradient,) = torch.autograd.grad(found, value, torch.ones_like(found))
    assert found.is_contiguous(memory_format=layout)
    assert gradient.is_contiguous(memory_format=layout)


def test_average_pool_ignores_the_border(mixed: Callable[..., Graph]) -> None:
    pool = MODULES["avg_pool"](mixed().by_name["three.pool"], [(1, 4, 4)])
    assert torch.equal(pool(torch.ones(1, 1, 4, 4)), torch.ones(1, 1, 4, 4))


def test_carried_names_a_value_of_each_channel_axis(mixed: Callable[..., Graph]) -> None:
    graph = mixed()
    network = GraphNetwork(graph)
    checked = 0
    for v in graph.vertices[1:]:
        for tensor in network.vertices[v.name.replace(".", "__")].state_dict().values():
            for axis, value in enumerate(carried(v, tensor)):
                assert tensor.shape[axis] == graph.shapes[value][0]
                checked += 1
    assert checked > 20
