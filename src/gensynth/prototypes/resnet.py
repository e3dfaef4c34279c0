"""Residual networks for small images (He et al. 2016, section 4.2)."""

from collections.abc import Sequence

from gensynth.errors import ConfigurationError
from gensynth.graph.graph import Graph, Region, Vertex, vertex


def resnet(input_shape: Sequence[int], classes: int, *, depth: int, widths: Sequence[int]) -> Graph:
    """Return a residual classifier: a stem, three stages of n blocks, pooling, one linear layer.

    Stages two and three begin with stride 2. Where a block changes the shape, its shortcut is
    parameter-free.

    Args:
        input_shape: (channels, height, width) of the images.
        classes: number of classes; the output `logits` has this many features.
        depth: 6 n + 2 weighted layers (8, 14, 20, 32, 44, 56, 110, ...).
        widths: channels of the three stages; the stem has the first stage's.

    Raises:
        ConfigurationError: the depth is not 6 n + 2, or there are not three widths.
    """
    blocks, rest = divmod(depth - 2, 6)
    if rest or blocks < 1:
        raise ConfigurationError(
            f"a resnet's depth is 6 n + 2 (8, 14, 20, 32, 44, 56, 110), got {depth}"
        )
    if len(widths) != 3:
        raise ConfigurationError(f"a resnet has three widths, one per stage, got {list(widths)}")
    channels, height, width = input_shape
    vertices = [
        vertex("input", "input", channels=channels, height=height, width=width),
        vertex("stem.conv", "conv", ["input"], channels=widths[0], kernel=3),
        vertex("stem.norm", "batch_norm", ["stem.conv"]),
        vertex("stem.relu", "relu", ["stem.norm"]),
    ]
    regions: list[Region] = []
    previous = widths[0]
    for stage, channels in enumerate(widths, start=1):
        for index in range(blocks):
            stride = 2 if stage > 1 and index == 0 else 1
            changes = stride != 1 or channels != previous
            block, body = _block(
                f"stage{stage}.block{index}", vertices[-1].name, channels, stride, changes
            )
            vertices += block
            regions += body
            previous = channels
    vertices += [
        vertex("pool", "global_avg_pool", [vertices[-1].name]),
        vertex("flatten", "flatten", ["pool"]),
        vertex("classifier", "linear", ["flatten"], features=classes),
    ]
    return Graph(tuple(vertices), tuple(regions), (("logits", "classifier"),))


def _block(
    name: str, entry: str, channels: int, stride: int, changes: bool
) -> tuple[list[Vertex], list[Region]]:
    body = f"{name}.body"
    inside = [
        vertex(f"{body}.conv1", "conv", [entry], channels=channels, kernel=3, stride=stride),
        vertex(f"{body}.norm1", "batch_norm", [f"{body}.conv1"]),
        vertex(f"{body}.relu1", "relu", [f"{body}.norm1"]),
        vertex(f"{body}.conv2", "conv", [f"{body}.relu1"], channels=channels, kernel=3),
        vertex(f"{body}.norm2", "batch_norm", [f"{body}.conv2"]),
    ]
    last = inside[-1].name
    past = [vertex(f"{name}.shortcut", "shortcut", [entry], channels=channels, stride=stride)]
    around = [
        *(past if changes else []),
        vertex(f"{name}.add", "add", [last, past[0].name if changes else entry]),
        vertex(f"{name}.relu", "relu", [f"{name}.add"]),
    ]
    names = tuple(v.name for v in inside)
    everything = names + tuple(v.name for v in around)
    regions = [
        Region(name, "block", entry, f"{name}.relu", everything),
        Region(body, "body", entry, last, names),
    ]
    return inside + around, regions
