"""RefineNet for segmentation (Lin et al. 2017, "RefineNet: Multi-path refinement networks").

A residual encoder (He et al. 2016) gives features at 1/4, 1/8, 1/16 and 1/32 of the input. From the
coarsest on, a cascade of refinement blocks adapts each of them, fuses it with what comes from below
and pools context. Counts are those of the published code with 3x3 convolutions everywhere in the
decoder; `light` makes them 1x1 (Nekrasov et al. 2018, "Light-weight RefineNet").
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import final

from gensynth.errors import ConfigurationError
from gensynth.graph.graph import Graph, Region, RegionKind, Vertex, vertex

ENCODERS = {
    18: ((2, 2, 2, 2), 1),
    34: ((3, 4, 6, 3), 1),
    50: ((3, 4, 6, 3), 4),
    101: ((3, 4, 23, 3), 4),
    152: ((3, 8, 36, 3), 4),
}
"""Depth to the blocks of each stage, and by how much a block's exit is wider than its inside."""

LEAST_SIDE = 32
"""The encoder halves five times."""

ADAPTING_UNITS, REFINING_UNITS = 2, 3
POOLING_KERNEL = 5


def refinenet(  # noqa: PLR0913 - one parameter per key of conf/prototype/refinenet.yaml
    input_shape: Sequence[int],
    classes: int,
    *,
    depth: int,
    encoder_widths: Sequence[int],
    decoder_widths: Sequence[int],
    light: bool,
    pooling_stages: int,
    dropout: float,
) -> Graph:
    """Return a segmenter whose output `logits` has the input's height and width.

    Args:
        input_shape: (channels, height, width) of the images, sides of at least 32.
        classes: number of classes.
        depth: of the residual encoder: 18, 34, 50, 101 or 152.
        encoder_widths: channels inside the blocks of its four stages; the stem has the first.
        decoder_widths: channels of the refinement at 1/32, and of the three finer ones.
        light: 1x1 convolutions in the decoder instead of 3x3.
        pooling_stages: of the chained residual pooling in every refinement block.
        dropout: rate at which the two coarsest features are dropped in training, 0 to below 1;
            narrower variations drop fewer of them.

    Raises:
        ConfigurationError: a value is not among those allowed.
    """
    if depth not in ENCODERS:
        known = ", ".join(map(str, ENCODERS))
        raise ConfigurationError(f"prototype.depth={depth} must be one of {known}")
    for name, widths, count in (
        ("encoder_widths", encoder_widths, 4),
        ("decoder_widths", decoder_widths, 2),
    ):
        if len(widths) != count or min(widths) < 1:
            raise ConfigurationError(
                f"prototype.{name}={list(widths)} must be {count} positive numbers"
            )
    if pooling_stages < 0 or not 0 <= dropout < 1:
        raise ConfigurationError(
            f"prototype.pooling_stages={pooling_stages} must be 0 or more and "
            f"prototype.dropout={dropout} from 0 to below 1"
        )
    if min(input_shape[1:]) < LEAST_SIDE:
        raise ConfigurationError(
            f"a refinenet reads images of {LEAST_SIDE} pixels a side or more, got "
            f"{input_shape[1]} x {input_shape[2]}: set a larger data.input_size"
        )
    writer = _Writer(kernel=1 if light else 3)
    features = _encoder(writer, input_shape, depth, encoder_widths)
    coarsest, finer = decoder_widths
    below = ""
    for level in (4, 3, 2, 1):
        source = features[level - 1]
        if level > 2 and dropout:
            source = writer.add(f"refine{level}.dropout", "dropout", source, rate=float(dropout))
        width = coarsest if level == 4 else finer
        below = _refine(writer, level, source, below, width, finer, pooling_stages)
    # The classifier is no part of what `light` thins out.
    logits = writer.add("classifier", "conv", below, channels=classes, kernel=3, bias=True)
    writer.join("upsample", "upsample", logits, "input")
    return writer.graph("upsample")


@final
@dataclass
class _Writer:
    """Appends vertices, and regions over what was appended since a mark.

    Args:
        kernel: of the decoder's convolutions.
    """

    kernel: int
    vertices: list[Vertex] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)

    @property
    def mark(self) -> int:
        return len(self.vertices)

    def add(self, name: str, operation: str, source: str, **attributes: bool | int | float) -> str:
        self.vertices.append(vertex(name, operation, [source], **attributes))
        return name

    def join(self, name: str, operation: str, *sources: str) -> str:
        self.vertices.append(vertex(name, operation, sources))
        return name

    def conv(self, name: str, source: str, channels: int, *, bias: bool = False) -> str:
        """Add a convolution of the decoder."""
        return self.add(name, "conv", source, channels=channels, kernel=self.kernel, bias=bias)

    def body(self, name: str, source: str, channels: int) -> str:
        """Add a convolution of the decoder as a region of its own."""
        mark = self.mark
        leave = self.conv(f"{name}.conv", source, channels)
        self.region(name, "body", source, mark)
        return leave

    def region(self, name: str, kind: RegionKind, entry: str, mark: int) -> None:
        inside = tuple(v.name for v in self.vertices[mark:])
        self.regions.append(Region(name, kind, entry, inside[-1], inside))

    def graph(self, output: str) -> Graph:
        place = {v.name: number for number, v in enumerate(self.vertices)}
        outermost_first = sorted(
            self.regions, key=lambda region: (place[region.vertices[0]], -len(region.vertices))
        )
        return Graph(tuple(self.vertices), tuple(outermost_first), (("logits", output),))


def _encoder(
    writer: _Writer, input_shape: Sequence[int], depth: int, widths: Sequence[int]
) -> list[str]:
    """Write the residual encoder; return the exits of its stages, fine to coarse."""
    channels, height, width = input_shape
    writer.vertices.append(vertex("input", "input", channels=channels, height=height, width=width))
    writer.add("stem.conv", "conv", "input", channels=widths[0], kernel=7, stride=2)
    writer.add("stem.norm", "batch_norm", "stem.conv")
    writer.add("stem.relu", "relu", "stem.norm")
    last = writer.add("stem.pool", "max_pool", "stem.relu", kernel=3, stride=2)
    blocks, expansion = ENCODERS[depth]
    previous, exits = widths[0], []
    for stage, (count, inner) in enumerate(zip(blocks, widths, strict=True), start=1):
        for index in range(count):
            name = f"layer{stage}.block{index}"
            stride = 2 if stage > 1 and index == 0 else 1
            projects = index == 0 and (stride > 1 or previous != inner * expansion)
            last = _residual_block(writer, name, last, inner, expansion, stride, projects)
            previous = inner * expansion
        exits.append(last)
    return exits


def _residual_block(
    writer: _Writer,
    name: str,
    entry: str,
    inner: int,
    expansion: int,
    stride: int,
    projects: bool,
) -> str:
    """Write a basic block (expansion 1) or a bottleneck, its stride in the 3x3 convolution."""
    mark, last = writer.mark, entry
    basic = ((inner, 3, stride), (inner, 3, 1))
    bottleneck = ((inner, 1, 1), (inner, 3, stride), (inner * expansion, 1, 1))
    parts = basic if expansion == 1 else bottleneck
    for number, (channels, kernel, step) in enumerate(parts, start=1):
        conv = f"{name}.body.conv{number}"
        writer.add(conv, "conv", last, channels=channels, kernel=kernel, stride=step)
        last = writer.add(f"{name}.body.norm{number}", "batch_norm", conv)
        if number < len(parts):
            last = writer.add(f"{name}.body.relu{number}", "relu", last)
    writer.region(f"{name}.body", "body", entry, mark)
    past = entry
    if projects:
        past = writer.add(
            f"{name}.shortcut.conv",
            "conv",
            entry,
            channels=inner * expansion,
            kernel=1,
            stride=stride,
        )
        past = writer.add(f"{name}.shortcut.norm", "batch_norm", past)
    joined = writer.join(f"{name}.add", "add", last, past)
    leave = writer.add(f"{name}.relu", "relu", joined)
    writer.region(name, "block", entry, mark)
    return leave


def _refine(
    writer: _Writer,
    level: int,
    source: str,
    below: str,
    width: int,
    exit_width: int,
    pooling_stages: int,
) -> str:
    """Write the refinement block of a level: adapt, fuse with what comes from below, refine."""
    name = f"refine{level}"
    value = writer.body(f"{name}.reduce", source, width)
    value = _units(writer, f"{name}.adapt", value, ADAPTING_UNITS, width)
    if below:
        own = writer.body(f"{name}.own", value, width)
        # The coarser path comes with the width of this fusion already; see the end of a block.
        resized = writer.join(f"{name}.resize", "upsample", below, own)
        value = writer.join(f"{name}.fuse", "add", own, resized)
    value = writer.add(f"{name}.relu", "relu", value)
    mark, entry = writer.mark, value
    if pooling_stages:
        value = _pooling(writer, f"{name}.pooling", value, width, pooling_stages)
    value = _units(writer, f"{name}.units", value, REFINING_UNITS, width)
    writer.region(f"{name}.refinement", "block", entry, mark)
    if level == 1:
        return value
    return writer.body(f"{name}.hand_over", value, exit_width)


def _units(writer: _Writer, name: str, value: str, count: int, width: int) -> str:
    """Write residual convolution units, each of them a block that may be dropped."""
    for index in range(count):
        unit, mark, entry = f"{name}.unit{index}", writer.mark, value
        inside = writer.add(f"{unit}.body.relu1", "relu", entry)
        inside = writer.conv(f"{unit}.body.conv1", inside, width, bias=True)
        inside = writer.add(f"{unit}.body.relu2", "relu", inside)
        inside = writer.conv(f"{unit}.body.conv2", inside, width)
        writer.region(f"{unit}.body", "body", entry, mark)
        value = writer.join(f"{unit}.add", "add", inside, entry)
        writer.region(unit, "block", entry, mark)
    return value


def _pooling(writer: _Writer, name: str, value: str, width: int, stages: int) -> str:
    """Write chained residual pooling: each stage pools and convolves the one before.

    The sum x + p1 + p2 + ... with p2 made of p1 is written as x + (p1 + (p2 + ...)), so that every
    stage has one entry and one exit: to drop a stage ends the chain before it.
    """
    entries, marks = [value], [writer.mark]
    for stage in range(1, stages + 1):
        pooled = writer.add(
            f"{name}.stage{stage}.pool", "max_pool", entries[-1], kernel=POOLING_KERNEL, stride=1
        )
        entries.append(writer.body(f"{name}.stage{stage}.body", pooled, width))
        marks.append(writer.mark)
    value = entries.pop()
    for stage in range(stages, 0, -1):
        value = writer.join(f"{name}.stage{stage}.add", "add", entries[stage - 1], value)
        writer.region(f"{name}.stage{stage}", "block", entries[stage - 1], marks[stage - 1])
    return value
