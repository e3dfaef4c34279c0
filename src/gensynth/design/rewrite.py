"""Region operations: the vertices that take the place of a body's convolutions.

What a rewriting adds has new names, `<region>.<part>`, so that inheritance never mistakes a new
weight for one of the prototype's; a convolution whose kernel alone shrinks keeps its name. Widths
may be arrays, one entry per design: a rewriting only multiplies and rounds them. That is how the
costs of many designs are found at once.

Sources: separable, Chollet 2017 (Xception); bottleneck, He et al. 2016; inverted bottleneck,
Sandler et al. 2018 (MobileNetV2); pointwise, Nekrasov et al. 2018 (Light-weight RefineNet);
squeeze-excite, Hu et al. 2018, with the gate of Howard et al. 2019 (MobileNetV3).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, final

import numpy as np

from gensynth.design.body import ACTIVATIONS, Body, configured
from gensynth.graph.graph import Vertex, vertex

EXPANSION = 3
REDUCTION = 4
"""With h the width of the body's first convolution, an inverted bottleneck is 3 h wide inside and a
bottleneck h / 4; a squeeze-excite of width w squeezes to w / 4."""


def rounded(width: Any, multiple: int) -> Any:
    """Return the multiple nearest to a width or an array of them (halves up), at least one."""
    nearest = np.floor(np.asarray(width) / multiple + 0.5).astype(np.int64) * multiple
    return np.maximum(nearest, multiple) if nearest.ndim else max(int(nearest), multiple)


@final
@dataclass(frozen=True, slots=True)
class Rewriting:
    """What a rewriting needs to know besides the chain.

    Args:
        operation: a key of `REGION_OPERATIONS`.
        width: channels of the value that flows into the body, an int or an array.
        multiple: what new widths are multiples of.
        taken: names that new vertices must not have.
    """

    operation: str
    width: Any
    multiple: int
    taken: frozenset[str]


def rewrite(body: Body, rewriting: Rewriting) -> tuple[Vertex, ...]:
    """Return the body's vertices under a region operation; the last one is the region's exit.

    Args:
        body: the chain with the design's widths, strides and kernels.
        rewriting: what to make of it.
    """
    if rewriting.operation == DENSE:
        return body.chain
    build, squeeze_excite = REGION_OPERATIONS[rewriting.operation]
    writer = _Writer(body, rewriting)
    writer.keep(body.leading)
    build(writer, squeeze_excite)
    writer.keep(body.trailing)
    return tuple(writer.vertices)


@final
@dataclass
class _Writer:
    """Writes a chain: every new vertex reads the last one."""

    body: Body
    rewriting: Rewriting
    vertices: list[Vertex] = field(default_factory=list)

    def __post_init__(self) -> None:
        around = self.body.core + self.body.leading + self.body.trailing
        self.convolutions = self.body.convolutions
        self.bias = bool(self.convolutions[-1]["bias"])
        self.normalised = any(v.operation == "batch_norm" for v in self.body.chain)
        self.activation = next((v.operation for v in around if v.operation in ACTIVATIONS), "relu")

    @property
    def last(self) -> str:
        return self.vertices[-1].name if self.vertices else self.body.entry

    def scaled(self, factor: float) -> Any:
        """Return the first convolution's width times a factor, rounded."""
        return rounded(self.convolutions[0]["channels"] * factor, self.rewriting.multiple)

    def name(self, part: str) -> str:
        name = f"{self.body.region}.{part}"
        return f"{name}.new" if name in self.rewriting.taken else name

    def keep(self, vertices: Sequence[Vertex]) -> None:
        for old in vertices:
            self.vertices.append(Vertex(old.name, old.operation, (self.last,), old.attributes))

    def add(self, part: str, operation: str, **attributes: Any) -> None:
        self.vertices.append(vertex(self.name(part), operation, [self.last], **attributes))

    def normed(self, part: str, operation: str, **attributes: Any) -> None:
        """Add a convolution; where the body has norms, with a norm in place of a bias."""
        self.add(part, operation, bias=self.bias and not self.normalised, **attributes)
        if self.normalised:
            self.add(f"{part}_norm", "batch_norm")

    def pointwise(self, part: str, channels: Any) -> None:
        self.normed(part, "conv", channels=channels, kernel=1)
        self.add(f"{part}_{self.activation}", self.activation)

    def spatial(self, part: str, operation: str, **attributes: Any) -> None:
        """Add the one convolution that stands for all: the largest kernel, the total stride."""
        kernel = max(v["kernel"] for v in self.convolutions)
        stride = prod(v["stride"] for v in self.convolutions)
        self.normed(part, operation, kernel=kernel, stride=stride, **attributes)
        self.add(f"{part}_{self.activation}", self.activation)

    def project(self) -> None:
        """Add the 1x1 convolution to the exit's width, with a norm if the core ended with one."""
        channels = self.convolutions[-1]["channels"]
        self.add("project", "conv", channels=channels, kernel=1, bias=self.bias)
        if self.body.core[-1].operation == "batch_norm":
            self.add("project_norm", "batch_norm")

    def squeeze_excite(self, width: Any) -> None:
        value = self.last
        squeezed = rounded(width / REDUCTION, self.rewriting.multiple)
        self.add("squeeze_pool", "global_avg_pool")
        self.add("squeeze", "conv", channels=squeezed, kernel=1, bias=True)
        self.add("squeeze_relu", "relu")
        self.add("excite", "conv", channels=width, kernel=1, bias=True)
        self.add("excite_gate", "hard_sigmoid")
        self.vertices.append(vertex(self.name("excite_scale"), "multiply", [value, self.last]))


def _dense(writer: _Writer, squeeze_excite: bool) -> None:
    writer.keep(writer.body.core)
    if squeeze_excite:
        writer.squeeze_excite(writer.convolutions[-1]["channels"])


def _separable(writer: _Writer, squeeze_excite: bool) -> None:
    width, number, wide = writer.rewriting.width, 0, False
    for old in writer.body.core:
        if old.operation == "conv":
            wide = old["kernel"] > 1
            if wide:
                number += 1
                place = {"kernel": old["kernel"], "stride": old["stride"]}
                writer.normed(f"depthwise{number}", "depthwise", **place)
            if squeeze_excite and old is writer.convolutions[-1]:
                writer.squeeze_excite(width)
            width = old["channels"]
        if not wide or old.operation in ACTIVATIONS:
            writer.keep([old])
        elif old.operation == "conv":
            writer.add(f"pointwise{number}", "conv", channels=width, kernel=1, bias=old["bias"])
        else:
            writer.add(f"pointwise{number}_norm", "batch_norm")


def _bottleneck(writer: _Writer, squeeze_excite: bool) -> None:
    width = writer.scaled(1 / REDUCTION)
    writer.pointwise("reduce", width)
    writer.spatial("spatial", "conv", channels=width)
    if squeeze_excite:
        writer.squeeze_excite(width)
    writer.project()


def _inverted_bottleneck(writer: _Writer, squeeze_excite: bool) -> None:
    width = writer.scaled(EXPANSION)
    writer.pointwise("expand", width)
    writer.spatial("depthwise", "depthwise")
    if squeeze_excite:
        writer.squeeze_excite(width)
    writer.project()


def _pointwise(writer: _Writer, squeeze_excite: bool) -> None:
    one = [configured(v, kernel=1) if v.operation == "conv" else v for v in writer.body.core]
    writer.keep(one)
    if squeeze_excite:
        writer.squeeze_excite(writer.convolutions[-1]["channels"])


DENSE = "dense"
REGION_OPERATIONS: Mapping[str, tuple[Callable[[_Writer, bool], None], bool]] = {
    DENSE: (_dense, False),
    "separable": (_separable, False),
    "bottleneck": (_bottleneck, False),
    "inverted_bottleneck": (_inverted_bottleneck, False),
    "pointwise": (_pointwise, False),
    "dense_se": (_dense, True),
    "separable_se": (_separable, True),
    "bottleneck_se": (_bottleneck, True),
    "inverted_bottleneck_se": (_inverted_bottleneck, True),
}
"""Name of a region operation to what writes its core, and whether it squeezes and excites."""


def uses_every_width(operation: str) -> bool:
    """Whether all convolutions' widths matter under an operation, not the first and last alone."""
    return REGION_OPERATIONS[operation][0] in (_dense, _separable, _pointwise)
