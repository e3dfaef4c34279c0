"""The probe `taylor`: how much of a network's answers comes through its channels and blocks."""

from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gensynth.errors import ConfigurationError, DataError
from gensynth.graph.vertex import Region
from gensynth.inquisitors.places import places
from gensynth.inquisitors.probe import Probe, Stimulus
from gensynth.inquisitors.reading import batches
from gensynth.inquisitors.stimuli import balanced
from gensynth.network.graph_network import GraphNetwork, evaluating
from gensynth.records import Response
from gensynth_plugins.taylor.directions import Directions
from gensynth_plugins.taylor.spread import Spread

OF_CHANNELS = "answer_through_channels_share"
OF_BLOCKS = "answer_through_block_share"
Shares = NDArray[np.float64]
LEAST = 2
"""Images: a variance needs two."""


@final
class Taylor(Probe):
    """First-order sensitivity of the network's answers to its channels and blocks.

    To remove a channel is to move a gate on it from 1 to 0. To first order an answer y, seen along
    a direction v, then changes by q = sum over positions of value x d(v.y)/d(value) (Molchanov et
    al. 2017, with what the network answers in place of its loss: near a minimum of the loss its
    gradient is noise). Several channels change it by the sum of their q. What counts of a change is
    its variance over images, because a constant is learned anew by any bias, and it is told as a
    share of the variance of the answers themselves, on average over random directions.

    Read are `places(graph)`: the curve's entry w - 1 is the share that is lost with all channels
    less the share that is lost with those after the first w. Blocks that can be dropped have one
    value each: the share that is lost when what enters takes the place of what leaves. Classes do
    not matter.

    Args:
        images: stimuli; class by class as evenly as the split allows, where images have classes.
        directions: random ones, along which answers are looked at.

    Raises:
        ConfigurationError: a value is out of its range.
    """

    def __init__(self, *, images: int, directions: int) -> None:
        if images < LEAST or directions < 1:
            raise ConfigurationError(
                f"taylor: images={images}, directions={directions}: at least {LEAST} images and 1 "
                "direction"
            )
        self._images = images
        self._directions = directions

    def stimuli(self, split: Stimulus, rng: np.random.Generator) -> Stimulus:
        """Choose images class by class as evenly as the split allows."""
        return balanced(split, self._images, rng)

    def respond(self, network: GraphNetwork, stimulus: Stimulus) -> tuple[Response, ...]:
        """Return one response per place, in graph order; then one per block.

        Raises:
            DataError: fewer than two images.
        """
        if len(stimulus.inputs) < LEAST:
            raise DataError(
                f"taylor: {len(stimulus.inputs)} images, at least {LEAST} are needed: give the "
                "probe more training images"
            )
        device = next(network.parameters()).device
        several = list(batches(network, len(stimulus.inputs), list(network.graph.by_name)))
        found = _Sums(network)
        with evaluating(network):
            pieces = [stimulus.inputs[start:stop] for start, stop in several]
            directions = Directions(network, pieces, self._directions)
            with torch.enable_grad():
                for images in pieces:
                    found.add(images.to(device), directions)
        return found.responses()


@final
class _Sums:
    """What removing channels and blocks does to answers, image by image."""

    def __init__(self, network: GraphNetwork) -> None:
        self._network = network
        self._places = places(network.graph)
        self._blocks = tuple(r for r in network.graph.regions if _droppable(network, r))
        ends = [name for block in self._blocks for name in (block.entry, block.exit)]
        self._read = tuple(dict.fromkeys([*self._places, *ends]))
        self._channels = {name: _Changes(Spread(), Spread()) for name in self._places}
        self._of_blocks = {block: Spread() for block in self._blocks}
        self._answers = Spread()

    def add(self, images: Tensor, directions: Directions) -> None:
        """Take in a batch of images."""
        output, values = self._network.forward_with(images.requires_grad_(), self._read)
        read = [values[name] for name in self._read]
        projections = list(directions.along(output))
        for number, answers in enumerate(projections):
            keep = number + 1 < len(projections)
            slopes = torch.autograd.grad(answers.sum(), read, retain_graph=keep)
            self._answers.add(number, answers.detach())
            self._add(number, values, dict(zip(self._read, slopes, strict=True)))

    def _add(self, number: int, values: dict[str, Tensor], slopes: dict[str, Tensor]) -> None:
        for name in self._places:
            alone = _over_positions(values[name].detach() * slopes[name])
            self._channels[name].alone.add(number, alone)
            # Entry w: of all channels but the first w.
            self._channels[name].after.add(number, alone.double().flip(1).cumsum(1).flip(1))
        for block in self._blocks:
            change = (values[block.exit] - values[block.entry]).detach() * slopes[block.exit]
            self._of_blocks[block].add(number, change.flatten(1).sum(1))

    def responses(self) -> tuple[Response, ...]:
        """Return what was found."""
        whole = float(self._answers.variance())
        unit = 1 / whole if whole > 0 else 0.0
        channels = [
            _of_channels(name, unit * one.after.variance(), one.alone.variance())
            for name, one in self._channels.items()
        ]
        blocks = [
            Response("taylor", block.exit, OF_BLOCKS, (unit * float(one.variance()),))
            for block, one in self._of_blocks.items()
        ]
        return (*channels, *blocks)


@final
@dataclass(frozen=True, slots=True)
class _Changes:
    """What removing channels does: each alone, and all after the first 0, 1, ..."""

    alone: Spread
    after: Spread


def _of_channels(place: str, lost: Shares, alone: Shares) -> Response:
    kept = lost[0] - np.append(lost[1:], 0.0)
    order = np.argsort(-alone, kind="stable")
    return Response("taylor", place, OF_CHANNELS, tuple(kept.tolist()), tuple(order.tolist()))


def _droppable(network: GraphNetwork, region: Region) -> bool:
    shapes = network.graph.shapes
    return region.kind == "block" and shapes[region.entry] == shapes[region.exit]


def _over_positions(values: Tensor) -> Tensor:
    """Return (n, channels): sums over positions, if there are any."""
    return values.flatten(2).sum(2) if values.ndim > 2 else values
