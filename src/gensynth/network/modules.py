"""How each operation of a graph becomes a torch module: one builder per operation name."""

from collections.abc import Callable, Mapping, Sequence
from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gensynth.graph.graph import Vertex
from gensynth.graph.operations import Shape

META = torch.device("meta")

Builder = Callable[[Vertex, Sequence[Shape]], nn.Module]


@final
class Add(nn.Module):
    """Sum of two or more values of one shape."""

    def forward(self, first: Tensor, *others: Tensor) -> Tensor:
        """Return the sum, in the order of the inputs."""
        for other in others:
            first = first + other
        return first


@final
class Multiply(nn.Module):
    """Product of a value (n, c, h, w) with a second one of its shape, or a gate (n, c, 1, 1)."""

    def forward(self, value: Tensor, gate: Tensor) -> Tensor:
        """Return the product, of the first one's shape."""
        return value * gate


@final
class Concat(nn.Module):
    """Values (n, c_i, ...) joined along their channels, in the order of the inputs."""

    def forward(self, *values: Tensor) -> Tensor:
        """Return a value of sum(c_i) channels."""
        return torch.cat(values, dim=1)


@final
class Shortcut(nn.Module):
    """Parameter-free shortcut (He et al. 2016, 4.2): subsamples, then pads or cuts the channels."""

    def __init__(self, inputs: int, channels: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.growth = channels - inputs

    def forward(self, value: Tensor) -> Tensor:
        """Turn (n, inputs, h, w) into (n, channels, ceil(h / stride), ceil(w / stride))."""
        if self.stride > 1:
            value = _subsample(value, self.stride)
        if self.growth > 0:
            return F.pad(value, (0, 0, 0, 0, 0, self.growth))
        return value[:, : self.growth] if self.growth < 0 else value

    def extra_repr(self) -> str:
        """Show the stride and how many channels are added or cut."""
        return f"stride={self.stride}, growth={self.growth}"


@final
class Depthwise(nn.Conv2d):
    """Convolution of each channel on its own, in float32 where the CPU has no fast bfloat16 for it.

    oneDNN's bfloat16 covers 3x3 kernels of stride 1. The gradient of any other takes its reference
    path, up to 30 times as long as float32: one such layer outweighs the rest of a network.
    """

    def forward(self, value: Tensor) -> Tensor:
        """Turn (n, c, h, w) into (n, c, ceil(h / stride), ceil(w / stride)), of the same type."""
        if torch.is_autocast_enabled("cpu") and value.device.type == "cpu" and self._slow():
            with torch.autocast("cpu", enabled=False):
                return super().forward(value.float()).to(value.dtype)
        return super().forward(value)

    def _slow(self) -> bool:
        return self.stride[0] > 1 or self.kernel_size[0] > 3


@final
class NarrowPointwise(nn.Conv2d):
    """1x1 convolution with a stride, of few channels: the positions it reads are taken out first.

    The same function. oneDNN's AVX2 kernel for such a layer writes past its buffer in the gradient
    when there are fewer channels than a vector holds, which ends the process sooner or later.
    """

    VECTOR = 8
    """Float32 numbers in an AVX2 vector."""

    def forward(self, value: Tensor) -> Tensor:
        """Turn (n, inputs, h, w) into (n, c, ceil(h / stride), ceil(w / stride))."""
        return F.conv2d(_subsample(value, self.stride[0]), self.weight, self.bias)


@final
class GlobalAveragePool(nn.Module):
    """Mean over all positions."""

    def forward(self, value: Tensor) -> Tensor:
        """Turn (n, c, h, w) into (n, c, 1, 1)."""
        if value.stride(1) > 1:
            return value.mean((2, 3), keepdim=True)
        # channels_last: a mean's gradient takes the order of axes that it sees; see `_subsample`.
        # In another order, adding it to the gradient of a squeeze-excite's gate is slow.
        return value.permute(0, 2, 3, 1).mean((1, 2))[:, :, None, None]


@final
class Upsample(nn.Module):
    """Bilinear resizing of a value (n, c, h, w) to the height and width of a reference."""

    def forward(self, value: Tensor, reference: Tensor) -> Tensor:
        """Return (n, c, reference height, reference width)."""
        return F.interpolate(value, size=reference.shape[-2:], mode="bilinear", align_corners=False)


def build(v: Vertex, inputs: Sequence[Shape]) -> nn.Module:
    """Return the module of a vertex; its weights are not initialised, no random number is drawn.

    Args:
        v: any vertex but the input.
        inputs: per-sample shapes of its inputs.
    """
    return MODULES[v.operation](v, inputs)


def carried(v: Vertex, tensor: Tensor) -> tuple[str, ...]:
    """Name the values whose channels a tensor of a vertex holds, axis by axis.

    The first axis of every weight, bias or statistic is as wide as the vertex's output; the second
    axis of a convolution or linear layer is as wide as its input. Axes not named are no channels.
    """
    values = (v.name, v.inputs[0]) if v.rule.width_law == "free" else (v.name,)
    return values[: tensor.ndim]


def _subsample(value: Tensor, stride: int) -> Tensor:
    if value.stride(1) > 1:
        return value[:, :, ::stride, ::stride]
    # channels_last: a slice's gradient takes the order of axes that it sees. In this order it stays
    # channels_last, which makes a training step on the CPU about a tenth faster.
    return value.permute(0, 2, 3, 1)[:, ::stride, ::stride].permute(0, 3, 1, 2)


def _convolution(
    kind: type[nn.Conv2d], v: Vertex, inputs: int, outputs: int, groups: int
) -> nn.Module:
    padding = v["kernel"] // 2
    # On meta, the layer's own initialisation draws nothing from torch's global generator.
    return kind(
        inputs,
        outputs,
        v["kernel"],
        v["stride"],
        padding,
        groups=groups,
        bias=v["bias"],
        device=META,
    ).to_empty(device="cpu")


def _conv(v: Vertex, inputs: Sequence[Shape]) -> nn.Module:
    strided = v["kernel"] == 1 and v["stride"] > 1
    narrow = strided and inputs[0][0] < NarrowPointwise.VECTOR
    return _convolution(NarrowPointwise if narrow else nn.Conv2d, v, inputs[0][0], v["channels"], 1)


def _depthwise(v: Vertex, inputs: Sequence[Shape]) -> nn.Module:
    return _convolution(Depthwise, v, inputs[0][0], inputs[0][0], inputs[0][0])


def _linear(v: Vertex, inputs: Sequence[Shape]) -> nn.Module:
    layer = nn.Linear(inputs[0][0], v["features"], bias=v["bias"], device=META)
    return layer.to_empty(device="cpu")


def _average_pool(v: Vertex, _: Sequence[Shape]) -> nn.Module:
    # Borders are averages of the pixels that exist, not of zeros.
    return nn.AvgPool2d(v["kernel"], v["stride"], v["kernel"] // 2, count_include_pad=False)


MODULES: Mapping[str, Builder] = {
    "conv": _conv,
    "depthwise": _depthwise,
    "linear": _linear,
    "batch_norm": lambda _, inputs: nn.BatchNorm2d(inputs[0][0]),
    "relu": lambda *_: nn.ReLU(),
    "relu6": lambda *_: nn.ReLU6(),
    "hard_swish": lambda *_: nn.Hardswish(),
    "sigmoid": lambda *_: nn.Sigmoid(),
    "hard_sigmoid": lambda *_: nn.Hardsigmoid(),
    "local_response_norm": lambda *_: nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=1.0),
    "dropout": lambda v, _: nn.Dropout(v["rate"]),
    "add": lambda *_: Add(),
    "multiply": lambda *_: Multiply(),
    "concat": lambda *_: Concat(),
    "max_pool": lambda v, _: nn.MaxPool2d(v["kernel"], v["stride"], v["kernel"] // 2),
    "avg_pool": _average_pool,
    "global_avg_pool": lambda *_: GlobalAveragePool(),
    "flatten": lambda *_: nn.Flatten(),
    "shortcut": lambda v, inputs: Shortcut(inputs[0][0], v["channels"], v["stride"]),
    "upsample": lambda *_: Upsample(),
}
