"""Every operation has a module, and each module does what its rule declares."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from gensynth.graph.graph import Graph
from gensynth.graph.operations import OPERATIONS
from gensynth.graph.vertex import vertex
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.modules import MODULES, Depthwise, NarrowPointwise, Shortcut, build, carried

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


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("inputs", [1, 4, 7])
def test_a_narrow_strided_pointwise_convolution_is_the_convolution_it_stands_for(
    inputs: int, bias: bool, layout: torch.memory_format
) -> None:
    v = vertex("v", "conv", ["input"], channels=5, kernel=1, stride=2, bias=bias)
    module = build(v, [(inputs, 7, 8)])
    assert isinstance(module, NarrowPointwise)
    rng = torch.Generator().manual_seed(0)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter, generator=rng)
    value = torch.randn(2, inputs, 7, 8, generator=rng).to(memory_format=layout).requires_grad_()
    # The same positions read by a 3x3 kernel whose border is zero.
    kernel = F.pad(module.weight, (1, 1, 1, 1))
    expected = F.conv2d(value, kernel, module.bias, stride=2, padding=1)
    assert torch.allclose(module(value), expected, atol=1e-6)
    weights = torch.randn_like(expected)
    (found,) = torch.autograd.grad(module(value), value, weights)
    (gradient,) = torch.autograd.grad(expected, value, weights)
    assert torch.allclose(found, gradient, atol=1e-6)


def test_wide_or_unstrided_convolutions_are_torch_s_own() -> None:
    for inputs, kernel, stride in [(8, 1, 2), (4, 1, 1), (4, 3, 2)]:
        v = vertex("v", "conv", ["input"], channels=5, kernel=kernel, stride=stride, bias=False)
        assert type(build(v, [(inputs, 7, 8)])) is torch.nn.Conv2d


TRAINED = """
import torch
from gensynth.graph.vertex import vertex
from gensynth.network.hardware import keep_freed_memory
from gensynth.network.modules import build
keep_freed_memory()
torch.set_num_threads(1)
for channels in (1, 2, 3, 4, 5, 6, 7, 8, 12):
    v = vertex("v", "conv", ["input"], channels=4, kernel=1, stride=2, bias=False)
    module = build(v, [(channels, 24, 32)]).to(memory_format=torch.channels_last)
    torch.nn.init.zeros_(module.weight)
    for _ in range(12):
        value = torch.zeros(16, channels, 24, 32).to(memory_format=torch.channels_last)
        module(value.requires_grad_()).sum().backward()
"""


def test_training_a_strided_pointwise_convolution_leaves_memory_whole() -> None:
    checked = os.environ | {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
    done = subprocess.run([sys.executable, "-c", TRAINED], env=checked, check=False)
    assert done.returncode == 0


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


@pytest.mark.parametrize("layout", LAYOUTS)
def test_global_average_pool_is_a_mean_whose_gradient_keeps_the_memory_format(
    layout: torch.memory_format,
) -> None:
    value = torch.randn(2, 4, 6, 5, generator=torch.Generator().manual_seed(0))
    value = value.to(memory_format=layout).requires_grad_()
    pool = MODULES["global_avg_pool"](vertex("pool", "global_avg_pool", ["x"]), [(4, 6, 5)])
    found = pool(value)
    torch.testing.assert_close(found, F.adaptive_avg_pool2d(value, 1))
    gates = torch.rand(2, 4, 1, 1, generator=torch.Generator().manual_seed(1))
    gradients = [
        torch.autograd.grad(value * gates + pooled, value, torch.ones_like(value))[0]
        for pooled in (found, F.adaptive_avg_pool2d(value, 1))
    ]
    torch.testing.assert_close(*gradients)
    (alone,) = torch.autograd.grad(pool(value), value, gates)
    assert alone.is_contiguous(memory_format=layout)


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


@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("stride", [1, 2])
def test_depthwise_in_bfloat16_is_the_float32_layer_rounded(kernel: int, stride: int) -> None:
    layer = Depthwise(6, 6, kernel, stride, kernel // 2, groups=6, bias=False)
    torch.nn.init.normal_(layer.weight, generator=torch.Generator().manual_seed(0))
    exact = torch.randn(2, 6, 8, 8, generator=torch.Generator().manual_seed(1)).bfloat16()
    weight = layer.weight.detach().requires_grad_()
    values = exact.detach().requires_grad_(), exact.float().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        found = layer(values[0])
    expected = F.conv2d(values[1], weight, stride=stride, padding=kernel // 2, groups=6)
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.float(), expected, rtol=0.02, atol=0.05)
    signal = torch.randn(found.shape, generator=torch.Generator().manual_seed(2)).bfloat16()
    of_layer = torch.autograd.grad(found, (values[0], layer.weight), signal)
    of_oracle = torch.autograd.grad(expected, (values[1], weight), signal.float())
    for one, other in zip(of_layer, of_oracle, strict=True):
        torch.testing.assert_close(one.float(), other, rtol=0.02, atol=0.2)


@pytest.mark.parametrize(("kernel", "stride"), [(3, 2), (5, 1), (5, 2)])
def test_depthwise_leaves_bfloat16_where_the_cpu_has_only_a_slow_path(
    kernel: int, stride: int
) -> None:
    layer = Depthwise(4, 4, kernel, stride, kernel // 2, groups=4)
    value = torch.randn(1, 4, 8, 8, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        found = layer(value.bfloat16())
    assert found.grad_fn is not None
    convolution = found.grad_fn.next_functions[0][0]
    assert convolution is not None
    assert convolution.name().startswith("ConvolutionBackward")
    assert convolution._saved_weight.dtype == torch.float32
