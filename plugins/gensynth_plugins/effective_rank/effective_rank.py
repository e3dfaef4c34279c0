"""The probe `effective_rank`: how many independent channels each place has."""

from typing import final

import numpy as np

from gensynth.errors import ConfigurationError, DataError
from gensynth.inquisitors.places import places
from gensynth.inquisitors.probe import Probe, Stimulus
from gensynth.inquisitors.reading import Positions, Rows, anywhere, per_image, read
from gensynth.inquisitors.stimuli import balanced
from gensynth.network.graph_network import GraphNetwork
from gensynth.records import Response
from gensynth_plugins.effective_rank.spectrum import (
    correlations,
    effective_ranks,
    representative_order,
)

QUANTITY = "effective_rank_channels"
LEAST = 3
"""Rows: what a correlation says by chance can be taken out of it from three on."""
DEALING = 0
"""Seed of positions: the same for all networks, so that only networks differ."""


@final
class EffectiveRank(Probe):
    """Effective rank as a function of width, and the order in which channels stand for the others.

    Read are `places(graph)`. The curve's entry w - 1 is the effective rank of the first w channels,
    in the network's own order; what w has beyond it is redundancy. It knows nothing of classes.

    Args:
        images: stimuli; class by class as evenly as the split allows, where images have classes.
        positions: rows per place.

    Raises:
        ConfigurationError: a value is out of its range.
    """

    def __init__(self, *, images: int, positions: int) -> None:
        if min(images, positions) < LEAST:
            raise ConfigurationError(
                f"effective_rank: images={images}, positions={positions}: at least {LEAST} of both"
            )
        self._images = images
        self._positions = positions

    def stimuli(self, split: Stimulus, rng: np.random.Generator) -> Stimulus:
        """Choose images class by class as evenly as the split allows."""
        return balanced(split, self._images, rng)

    def respond(self, network: GraphNetwork, stimulus: Stimulus) -> tuple[Response, ...]:
        """Return one response per place, in graph order.

        Raises:
            DataError: fewer than three images.
        """
        if len(stimulus.inputs) < LEAST:
            raise DataError(
                f"effective_rank: {len(stimulus.inputs)} images, at least {LEAST} are needed: give "
                "the probe more training images"
            )
        wanted = {name: self._rows(network, name, stimulus) for name in places(network.graph)}
        return tuple(_response(*both) for both in read(network, stimulus, wanted))

    def _rows(self, network: GraphNetwork, place: str, stimulus: Stimulus) -> Positions:
        shape = network.graph.shapes[place]
        if len(shape) < 3 or shape[1] * shape[2] == 1:
            return per_image(stimulus)
        rng = np.random.default_rng(DEALING)
        return anywhere(len(stimulus.inputs), shape[1], shape[2], self._positions, rng)


def _response(place: str, rows: Rows) -> Response:
    correlation = correlations(rows.features)
    curve = effective_ranks(correlation, len(rows.features))
    order = representative_order(correlation)
    return Response("effective_rank", place, QUANTITY, tuple(curve.tolist()), order)
