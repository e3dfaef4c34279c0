"""DetectNet for detection (NVIDIA DIGITS 4, 2016): GoogLeNet without its end, on a grid of cells.

GoogLeNet (Szegedy et al. 2015) up to inception_5b, fully convolutional and without its fourth
pooling, so that a cell of the output stands for 16 x 16 pixels, a little less where the image's
sides are no multiples of 16. Two 1x1 convolutions read it: for every cell how sure it is that an
object covers it, class by class, and where that object's box is. Poolings are padded on all sides,
where Caffe's windows begin at the first pixel.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, final

from gensynth.errors import ConfigurationError
from gensynth.graph.graph import Graph, Region, RegionKind, Vertex, vertex

Norm = Literal["batch", "local_response"]
NORMS = ("batch", "local_response")

LEAST_SIDE = 32
STEM = 64, 64, 192
INCEPTIONS = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
"""Channels of 1x1; of 3x3's reduction and 3x3; of 5x5's reduction and 5x5; of the pool's 1x1."""

POOLED_AFTER = "3b"
SMALLEST_WIDTH = 4


def detectnet(
    input_shape: Sequence[int],
    classes: int,
    *,
    width: float,
    norm: Norm,
    large_kernel: int,
    dropout: float,
) -> Graph:
    """Return a detector with the outputs `coverage` and `boxes` on a grid of ceil(side / 16) cells.

    `coverage` is (classes, rows, columns), from 0 to 1. `boxes` is (4, rows, columns): left, top,
    right and bottom of the box relative to the upper left corner of the cell, in cells.

    Args:
        input_shape: (channels, height, width) of the images, sides of at least 32.
        classes: number of kinds of objects.
        width: factor on all channels but the outputs'; 1 is the published network.
        norm: `batch`: batch normalisation after every convolution, which has no bias then;
            `local_response`: the published two normalisations across channels in the stem.
        large_kernel: of the third branches, 5 as published; torchvision's weights have 3.
        dropout: rate at which the last features are dropped in training, 0 to below 1; narrower
            variations drop fewer of them.

    Raises:
        ConfigurationError: a value is not among those allowed.
    """
    laws = (
        ("width", width, width > 0, "above 0"),
        ("norm", norm, norm in NORMS, f"one of {', '.join(NORMS)}"),
        ("large_kernel", large_kernel, large_kernel in (3, 5), "3 or 5"),
        ("dropout", dropout, 0 <= dropout < 1, "from 0 to below 1"),
    )
    for name, value, holds, allowed in laws:
        if not holds:
            raise ConfigurationError(f"prototype.{name}={value} must be {allowed}")
    if min(input_shape[1:]) < LEAST_SIDE:
        raise ConfigurationError(
            f"a detectnet reads images of {LEAST_SIDE} pixels a side or more, got "
            f"{input_shape[1]} x {input_shape[2]}: set a larger data.input_size"
        )
    writer = _Writer(width, norm == "batch")
    channels, height, across = input_shape
    writer.vertices.append(vertex("input", "input", channels=channels, height=height, width=across))
    last = _stem(writer)
    for name, widths in INCEPTIONS.items():
        last = _inception(writer, f"inception{name}", last, widths, large_kernel)
        if name == POOLED_AFTER:
            last = writer.add("pool3", "max_pool", last, kernel=3, stride=2)
    if dropout:
        last = writer.add("dropout", "dropout", last, rate=float(dropout))
    sure = writer.add("coverage.conv", "conv", last, channels=classes, kernel=1, bias=True)
    writer.add("coverage.sigmoid", "sigmoid", sure)
    writer.add("boxes.conv", "conv", last, channels=4, kernel=1, bias=True)
    return writer.graph(("coverage", "coverage.sigmoid"), ("boxes", "boxes.conv"))


@final
@dataclass
class _Writer:
    """Appends vertices, and regions over what was appended since a mark.

    Args:
        width: factor on channels.
        batch_norm: whether convolutions are normalised.
    """

    width: float
    batch_norm: bool
    vertices: list[Vertex] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)

    @property
    def mark(self) -> int:
        return len(self.vertices)

    def add(self, name: str, operation: str, source: str, **attributes: bool | int | float) -> str:
        self.vertices.append(vertex(name, operation, [source], **attributes))
        return name

    def conv(self, name: str, source: str, channels: int, kernel: int, stride: int = 1) -> str:
        """Add a convolution with its activation."""
        channels = max(SMALLEST_WIDTH, round(channels * self.width))
        size = {"channels": channels, "kernel": kernel, "stride": stride}
        last = self.add(f"{name}.conv", "conv", source, bias=not self.batch_norm, **size)
        if self.batch_norm:
            last = self.add(f"{name}.norm", "batch_norm", last)
        return self.add(f"{name}.relu", "relu", last)

    def response_norm(self, name: str, source: str) -> str:
        """Add a normalisation across channels, where convolutions have none of their own."""
        return source if self.batch_norm else self.add(name, "local_response_norm", source)

    def region(self, name: str, kind: RegionKind, entry: str, mark: int) -> None:
        inside = tuple(v.name for v in self.vertices[mark:])
        self.regions.append(Region(name, kind, entry, inside[-1], inside))

    def graph(self, *outputs: tuple[str, str]) -> Graph:
        return Graph(tuple(self.vertices), tuple(self.regions), outputs)


def _stem(writer: _Writer) -> str:
    first, reduced, wide = STEM
    last = writer.conv("stem1", "input", first, 7, stride=2)
    last = writer.add("pool1", "max_pool", last, kernel=3, stride=2)
    last = writer.response_norm("stem1.response_norm", last)
    mark, entry = writer.mark, last
    last = writer.conv("stem2.reduce", last, reduced, 1)
    last = writer.conv("stem2.wide", last, wide, 3)
    writer.region("stem2", "body", entry, mark)
    last = writer.response_norm("stem2.response_norm", last)
    return writer.add("pool2", "max_pool", last, kernel=3, stride=2)


def _inception(
    writer: _Writer, name: str, entry: str, widths: Sequence[int], large_kernel: int
) -> str:
    """Write an Inception module: four branches that read one value, joined along the channels."""
    one, reduce_middle, middle, reduce_large, large, pooled = widths
    mark = writer.mark
    exits = [writer.conv(f"{name}.one", entry, one, 1)]
    writer.region(f"{name}.one", "branch", entry, mark)
    for branch, reduced, wide, kernel in (
        ("middle", reduce_middle, middle, 3),
        ("large", reduce_large, large, large_kernel),
    ):
        mark = writer.mark
        last = writer.conv(f"{name}.{branch}.reduce", entry, reduced, 1)
        exits.append(writer.conv(f"{name}.{branch}.wide", last, wide, kernel))
        writer.region(f"{name}.{branch}", "branch", entry, mark)
        writer.region(f"{name}.{branch}.body", "body", entry, mark)
    mark = writer.mark
    last = writer.add(f"{name}.pool.pool", "max_pool", entry, kernel=3, stride=1)
    exits.append(writer.conv(f"{name}.pool.project", last, pooled, 1))
    writer.region(f"{name}.pool", "branch", entry, mark)
    writer.vertices.append(vertex(f"{name}.concat", "concat", exits))
    return f"{name}.concat"
