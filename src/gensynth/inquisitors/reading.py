"""From a place's values to rows of channel values with a class each; memory stays bounded."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import IO, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gensynth.inquisitors.probe import Stimulus
from gensynth.network.graph_network import GraphNetwork, evaluating

BATCH_BYTES = 2**26
"""Memory for the values of all places while one batch is read."""


@final
@dataclass(frozen=True, slots=True)
class Rows:
    """What is read at one place.

    Args:
        features: (n, channels) values.
        classes: (n,) class of each row.
        images: (n,) image each row comes from.
        values: (n, k) numbers to tell of each row; None: there are none.
    """

    features: NDArray[np.float64]
    classes: NDArray[np.int64]
    images: NDArray[np.int64]
    values: NDArray[np.float64] | None = None


@final
@dataclass(frozen=True, slots=True)
class Positions:
    """Rows to read: images, classes, and for classes per position also y and x; (n,) each.

    Images ascend. Without y and x a row is the average over all positions of its image. Rows that
    numbers are asked of have (n, k) values.
    """

    images: Tensor
    classes: Tensor
    y: Tensor | None = None
    x: Tensor | None = None
    values: Tensor | None = None


def read(
    network: GraphNetwork, stimulus: Stimulus, positions: Mapping[str, Positions]
) -> Iterator[tuple[str, Rows]]:
    """Run the network over the stimulus once and yield every place with its rows, in order.

    Rows wait in a temporary file, because those of all places together need not fit into memory.
    No place may have enough rows to be read; then there is nothing to run.
    """
    if not positions:
        return
    channels = {name: network.graph.shapes[name][0] for name in positions}
    with tempfile.TemporaryFile() as file:
        start_of = _write(network, stimulus, positions, channels, file)
        for name, at in positions.items():
            file.seek(start_of[name])
            found = np.frombuffer(file.read(4 * len(at.images) * channels[name]), np.float32)
            features = found.reshape(-1, channels[name]).astype(np.float64)
            values = None if at.values is None else at.values.double().numpy()
            yield name, Rows(features, at.classes.numpy(), at.images.numpy(), values)


def per_image(stimulus: Stimulus) -> Positions:
    """Return one row per image: the average over space."""
    return Positions(torch.arange(len(stimulus.classes)), stimulus.classes.cpu())


def per_position(
    stimulus: Stimulus, height: int, width: int, rows: int, rng: np.random.Generator
) -> Positions:
    """Return up to `rows` positions of a (height, width) grid, as evenly over classes as there are.

    A position has the class at its centre; classes outside [0, class_count) are left out.
    """
    down = _centres(height, stimulus.classes.shape[1])
    across = _centres(width, stimulus.classes.shape[2])
    classes = stimulus.classes.cpu()[:, down][:, :, across].reshape(-1)
    share = max(1, rows // stimulus.class_count)
    chosen = []
    for one in range(stimulus.class_count):
        found = torch.nonzero(classes == one)[:, 0].numpy()
        chosen.append(rng.permutation(found)[:share])
    flat = torch.from_numpy(np.sort(np.concatenate(chosen)))
    image, inside = flat // (height * width), flat % (height * width)
    return Positions(image, classes[flat], inside // width, inside % width)


def per_value(
    stimulus: Stimulus, height: int, width: int, rows: int, rng: np.random.Generator
) -> Positions:
    """Return up to `rows` positions of a (height, width) grid that have numbers, at random.

    A position has the numbers at its centre.

    Raises:
        ValueError: the stimulus has none.
    """
    if stimulus.values is None:
        raise ValueError("this stimulus asks for no numbers")
    down = _centres(height, stimulus.values.shape[2])
    across = _centres(width, stimulus.values.shape[3])
    values = stimulus.values.cpu()[:, :, down][:, :, :, across].movedim(1, -1).flatten(0, 2)
    there = torch.nonzero(values.isfinite().all(1))[:, 0].numpy()
    flat = torch.from_numpy(np.sort(rng.permutation(there)[:rows]))
    image, inside = flat // (height * width), flat % (height * width)
    return Positions(image, torch.zeros_like(image), inside // width, inside % width, values[flat])


def anywhere(count: int, height: int, width: int, rows: int, rng: np.random.Generator) -> Positions:
    """Return up to `rows` positions of (height, width) grids of `count` images, at random.

    Nothing is asked of them: all have class 0.
    """
    positions = count * height * width
    flat = torch.from_numpy(np.sort(rng.choice(positions, min(rows, positions), replace=False)))
    image, inside = flat // (height * width), flat % (height * width)
    return Positions(image, torch.zeros_like(image), inside // width, inside % width)


def batches(network: GraphNetwork, count: int, names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where batches of `count` images start and stop so that named values fit into memory."""
    numbers = sum(int(np.prod(network.graph.shapes[name])) for name in names)
    size = int(np.clip(BATCH_BYTES // (4 * numbers), 1, 256))
    for start in range(0, count, size):
        yield start, min(start + size, count)


def _centres(cells: int, size: int) -> Tensor:
    return ((torch.arange(cells) + 0.5) * size / cells).long()


def _write(
    network: GraphNetwork,
    stimulus: Stimulus,
    positions: Mapping[str, Positions],
    channels: Mapping[str, int],
    file: IO[bytes],
) -> dict[str, int]:
    """Write the rows of every place, float32, and return where each place's start, in bytes."""
    sizes = [4 * len(at.images) * channels[name] for name, at in positions.items()]
    start_of = dict(zip(positions, accumulate(sizes, initial=0), strict=False))
    device = next(network.parameters()).device
    with evaluating(network):
        for start, stop in batches(network, len(stimulus.inputs), list(positions)):
            images = stimulus.inputs[start:stop].to(device)
            _, values = network.forward_with(images, list(positions))
            for name, at in positions.items():
                first, last = torch.searchsorted(at.images, torch.tensor([start, stop])).tolist()
                rows = _rows(values[name], at, start, slice(first, last))
                file.seek(start_of[name] + 4 * first * channels[name])
                file.write(rows.cpu().contiguous().numpy().data)
    return start_of


def _rows(value: Tensor, wanted: Positions, start: int, inside: slice) -> Tensor:
    if wanted.y is None or wanted.x is None:
        return value.float().flatten(2).mean(2) if value.ndim > 2 else value.float()
    image = (wanted.images[inside] - start).to(value.device)
    y, x = wanted.y[inside].to(value.device), wanted.x[inside].to(value.device)
    return value[image, :, y, x].float()
