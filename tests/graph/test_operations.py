"""Shapes, parameters and MACs against PyTorch's own modules and counter, on the meta device."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from gensynth.errors import InvalidGraph
from gensynth.graph.graph import Vertex, vertex
from gensynth.graph.operations import OPERATIONS, Shape

sizes = st.integers(1, 9)
images = st.tuples(st.integers(1, 6), sizes, sizes)
kernels = st.sampled_from([1, 3, 5])
strides = st.integers(1, 3)
relaxed = settings(deadline=None, max_examples=40, derandomize=True)


def shape_of(v: Vertex, *inputs: Shape) -> Shape:
    return v.rule.shape(inputs, dict(v.attributes))


def assert_agrees(v: Vertex, module: nn.Module, shape: Shape) -> None:
    with FlopCounterMode(display=False) as counter:
        out = module.to("meta")(torch.empty(1, *shape, device="meta"))
    attributes = dict(v.attributes)
    assert v.rule.shape([shape], attributes) == tuple(out.shape[1:])
    assert v.rule.parameters([shape], attributes) == sum(p.numel() for p in module.parameters())
    assert v.rule.macs([shape], attributes) == counter.get_total_flops() // 2


@relaxed
@given(images, st.integers(1, 6), kernels, strides, st.booleans())
def test_conv_agrees_with_torch(
    shape: Shape, channels: int, kernel: int, stride: int, bias: bool
) -> None:
    v = vertex("v", "conv", ["x"], channels=channels, kernel=kernel, stride=stride, bias=bias)
    module = nn.Conv2d(shape[0], channels, kernel, stride, kernel // 2, bias=bias)
    assert_agrees(v, module, shape)


@relaxed
@given(images, kernels, strides, st.booleans())
def test_depthwise_agrees_with_torch(shape: Shape, kernel: int, stride: int, bias: bool) -> None:
    v = vertex("v", "depthwise", ["x"], kernel=kernel, stride=stride, bias=bias)
    c = shape[0]
    assert_agrees(v, nn.Conv2d(c, c, kernel, stride, kernel // 2, groups=c, bias=bias), shape)


@relaxed
@given(st.integers(1, 9), st.integers(1, 9), st.booleans())
def test_linear_agrees_with_torch(inputs: int, features: int, bias: bool) -> None:
    v = vertex("v", "linear", ["x"], features=features, bias=bias)
    assert_agrees(v, nn.Linear(inputs, features, bias=bias), (inputs,))


@relaxed
@given(images, kernels, strides)
def test_pools_agree_with_torch(shape: Shape, kernel: int, stride: int) -> None:
    for name, module in (("max_pool", nn.MaxPool2d), ("avg_pool", nn.AvgPool2d)):
        v = vertex("v", name, ["x"], kernel=kernel, stride=stride)
        assert_agrees(v, module(kernel, stride, kernel // 2), shape)


@relaxed
@given(images)
def test_shape_keepers_agree_with_torch(shape: Shape) -> None:
    same = {
        "batch_norm": nn.BatchNorm2d(shape[0]).eval(),
        "relu": nn.ReLU(),
        "relu6": nn.ReLU6(),
        "hard_swish": nn.Hardswish(),
        "sigmoid": nn.Sigmoid(),
        "hard_sigmoid": nn.Hardsigmoid(),
        "global_avg_pool": nn.AdaptiveAvgPool2d(1),
    }
    for name, module in same.items():
        assert_agrees(vertex("v", name, ["x"]), module, shape)
    assert_agrees(vertex("v", "dropout", ["x"], rate=0.5), nn.Dropout(0.5), shape)


@relaxed
@given(images, st.integers(1, 9), strides)
def test_shortcut_has_the_shape_of_every_stride_th_pixel(
    shape: Shape, channels: int, stride: int
) -> None:
    seen = torch.empty(shape, device="meta")[:, ::stride, ::stride]
    v = vertex("v", "shortcut", ["x"], channels=channels, stride=stride)
    assert shape_of(v, shape) == (channels, *seen.shape[1:])


@relaxed
@given(images, images)
def test_upsample_takes_channels_of_the_first_and_size_of_the_second(a: Shape, b: Shape) -> None:
    assert shape_of(vertex("v", "upsample", ["x", "y"]), a, b) == (a[0], *b[1:])


@relaxed
@given(images, st.lists(st.integers(1, 6), min_size=1, max_size=3))
def test_joins_agree_with_torch(shape: Shape, widths: list[int]) -> None:
    x = torch.empty(shape, device="meta")
    others = [torch.empty(w, *shape[1:], device="meta") for w in widths]
    concat = torch.cat([x, *others])
    names = ["x"] * (1 + len(others))
    shapes = [tuple(o.shape) for o in others]
    assert shape_of(vertex("v", "concat", names), shape, *shapes) == tuple(concat.shape)
    assert shape_of(vertex("v", "add", names), *[shape] * len(names)) == shape
    gate = (shape[0], 1, 1)
    assert shape_of(vertex("v", "multiply", ["x", "y"]), shape, gate) == shape
    assert shape_of(vertex("v", "multiply", ["x", "y"]), shape, shape) == shape


def test_flatten_takes_what_global_pooling_gives() -> None:
    assert shape_of(vertex("v", "flatten", ["x"]), (7, 1, 1)) == (7,)


@pytest.mark.parametrize(
    ("v", "inputs", "line"),
    [
        (vertex("v", "flatten", ["x"]), [(7, 2, 1)], r"takes a \(channels, 1, 1\).*\(7, 2, 1\)"),
        (vertex("v", "linear", ["x"], features=2), [(7, 1, 1)], "flatten it first"),
        (vertex("v", "conv", ["x"], channels=2, kernel=1), [(7,)], r"got \(7,\)"),
        (vertex("v", "add", ["x", "y"]), [(2, 4, 4), (2, 4, 5)], "one shape"),
        (vertex("v", "multiply", ["x", "y"]), [(2, 4, 4), (3, 1, 1)], r"second of \(2, 1, 1\)"),
        (vertex("v", "multiply", ["x", "y"]), [(2,), (3,)], r"one shape; got \(2,\) and \(3,\)"),
        (vertex("v", "concat", ["x", "y"]), [(2, 4, 4), (3, 2, 2)], "differ in width alone"),
        (vertex("v", "upsample", ["x", "y"]), [(2, 4, 4), (3,)], r"got \(3,\)"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(v: Vertex, inputs: list[Shape], line: str) -> None:
    with pytest.raises(InvalidGraph, match=line):
        shape_of(v, *inputs)


@pytest.mark.parametrize(
    ("v", "line"),
    [
        (vertex("v", "conv", ["x"], channels=0, kernel=3), "'channels'.*at least 1, got 0"),
        (vertex("v", "conv", ["x"], channels=1.0, kernel=3), "'channels'.*got 1.0"),
        (vertex("v", "conv", ["x"], channels=True, kernel=3), "'channels'.*got True"),
        (vertex("v", "conv", ["x"], channels=1, kernel=2), "'kernel'.*odd.*got 2"),
        (vertex("v", "conv", ["x"], channels=1, kernel=3, bias=1), "'bias'.*got 1"),
        (vertex("v", "conv", ["x"], channels=1, kernel=3, stride=-1), "'stride'.*got -1"),
        (vertex("v", "conv", ["x"], channels=1), r"has attributes .*'kernel'.*got"),
        (vertex("v", "relu", ["x"], channels=1), r"has attributes \[\], got \['channels'\]"),
        (vertex("v", "dropout", ["x"], rate=1.0), "'rate'.*below 1, got 1.0"),
        (vertex("v", "dropout", ["x"], rate=float("nan")), "'rate'.*got nan"),
        (vertex("v", "add", ["x"]), "takes 2 to any number of inputs, got 1"),
        (vertex("v", "relu", ["x", "y"]), "takes 1 inputs, got 2"),
        (vertex("v", "input", ["x"], channels=1, height=1, width=1), "takes 0 inputs, got 1"),
    ],
)
def test_wrong_arity_and_attributes_are_refused(v: Vertex, line: str) -> None:
    with pytest.raises(InvalidGraph, match=line):
        v.rule.check(len(v.inputs), dict(v.attributes))


def test_width_attributes_belong_to_the_laws_that_need_one() -> None:
    for name, rule in OPERATIONS.items():
        assert rule.name == name
        assert (rule.width_attribute is not None) == (rule.width_law in ("free", "shortcut"))
        assert rule.width_attribute is None or rule.width_attribute in rule.attributes
