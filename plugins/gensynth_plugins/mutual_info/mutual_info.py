"""The probe `mutual_info`: what the first channels of each place tell about the class."""

from collections.abc import Callable
from typing import final

import numpy as np
import torch

from gensynth.errors import ConfigurationError, DataError
from gensynth.inquisitors.places import places
from gensynth.inquisitors.probe import Probe, Stimulus
from gensynth.inquisitors.reading import (
    Positions,
    Rows,
    per_image,
    per_position,
    per_value,
    read,
)
from gensynth.inquisitors.stimuli import balanced
from gensynth.network.graph_network import GraphNetwork
from gensynth.records import Response
from gensynth_plugins.mutual_info.channel_order import channel_order
from gensynth_plugins.mutual_info.usable_information import usable_information_bits
from gensynth_plugins.mutual_info.usable_values import usable_value_bits

QUANTITY = "usable_class_information_bits"
OF_VALUES = "usable_value_information_bits"
DEALING = 0
"""Seed of folds and positions: the same for all networks, so that only networks differ."""


Choose = Callable[[Stimulus, int, int, int, np.random.Generator], Positions]
"""A stimulus, a grid's height and width, and how many rows, to positions."""


@final
class MutualInfo(Probe):
    """Usable class information as a function of width, and the order of the channels.

    Read are `places(graph)`. The curve's entry w - 1 is what a shrinkage linear discriminant on the
    first w channels, in the network's own order, tells about the class; `order` ranks the channels
    by what each adds to those before it. Where numbers are asked for as well (the corners of the
    box that a position lies in), a second curve says what a linear regression tells about them.

    Args:
        images: stimuli; class by class as evenly as the split allows.
        positions: rows per place where classes are given per position.
        folds: parts of the cross-validation.
        shrinkage: above 0 up to 1, how far covariances are shrunk towards their diagonal.

    Raises:
        ConfigurationError: a value is out of its range.
    """

    def __init__(self, *, images: int, positions: int, folds: int, shrinkage: float) -> None:
        if min(images, positions) < folds or folds < 3:
            raise ConfigurationError(
                f"mutual_info: images={images}, positions={positions}, folds={folds}: "
                "at least 3 folds, and images and positions enough to fill them"
            )
        if not 0 < shrinkage <= 1:
            raise ConfigurationError(
                f"mutual_info: shrinkage={shrinkage}: choose above 0 and up to 1"
            )
        self._images = images
        self._positions = positions
        self._folds = folds
        self._shrinkage = shrinkage

    def stimuli(self, split: Stimulus, rng: np.random.Generator) -> Stimulus:
        """Choose images class by class as evenly as the split allows.

        Where classes are given per position, images are chosen at random and `respond` balances
        the positions.
        """
        return balanced(split, self._images, rng)

    def respond(self, network: GraphNetwork, stimulus: Stimulus) -> tuple[Response, ...]:
        """Return one response per place, in graph order; then those about numbers.

        Raises:
            DataError: fewer images than folds.
        """
        if len(stimulus.classes) < self._folds:
            raise DataError(
                f"mutual_info: {len(stimulus.classes)} images for {self._folds} folds: "
                "lower the probe's folds or give it more training images"
            )
        rows = read(network, stimulus, self._rows_wanted(network, stimulus))
        classes = [self._response(place, one) for place, one in rows]
        if stimulus.values is None:
            return tuple(classes)
        wanted = self._at_positions(network, stimulus, per_value)
        enough = {name: at for name, at in wanted.items() if self._fills_folds(at)}
        values = (self._of_values(*both) for both in read(network, stimulus, enough))
        return (*classes, *values)

    def _rows_wanted(self, network: GraphNetwork, stimulus: Stimulus) -> dict[str, Positions]:
        if stimulus.classes.ndim == 1:
            return dict.fromkeys(places(network.graph), per_image(stimulus))
        return self._at_positions(network, stimulus, per_position)

    def _at_positions(
        self, network: GraphNetwork, stimulus: Stimulus, choose: Choose
    ) -> dict[str, Positions]:
        wanted = {}
        for name in places(network.graph):
            shape = network.graph.shapes[name]
            if len(shape) == 3 and shape[1] * shape[2] > 1:  # else there are no positions to tell
                rng = np.random.default_rng(DEALING)
                wanted[name] = choose(stimulus, shape[1], shape[2], self._positions, rng)
        return wanted

    def _fills_folds(self, at: Positions) -> bool:
        return len(torch.unique(at.images)) >= self._folds

    def _of_values(self, place: str, rows: Rows) -> Response:
        assert rows.values is not None
        curve = usable_value_bits(
            rows.features,
            rows.values,
            folds=self._folds,
            shrinkage=self._shrinkage,
            rng=np.random.default_rng(DEALING),
            groups=rows.images,
        )
        return Response("mutual_info", place, OF_VALUES, tuple(curve.tolist()))

    def _response(self, place: str, rows: Rows) -> Response:
        curve = usable_information_bits(
            rows.features,
            rows.classes,
            folds=self._folds,
            shrinkage=self._shrinkage,
            rng=np.random.default_rng(DEALING),
            groups=rows.images if len(np.unique(rows.images)) < len(rows.images) else None,
        )
        order = channel_order(rows.features, rows.classes, shrinkage=self._shrinkage)
        return Response("mutual_info", place, QUANTITY, tuple(curve.tolist()), order)
