"""Random directions in which a network's answers are looked at."""

from collections.abc import Iterator, Sequence
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gensynth.network.graph_network import GraphNetwork, Output
from gensynth_plugins.taylor.spread import Spread

DEALING = 0
"""Seed of the directions: the same for all networks, so that only networks differ."""


@final
class Directions:
    """Normal random directions in the space of all outputs.

    The channels of outputs count alike, whatever their units: each is divided by its deviation over
    images and positions. One that never changes does not count.

    Args:
        network: in evaluation mode, without gradients.
        pieces: the images, in batches.
        count: of directions.
    """

    def __init__(self, network: GraphNetwork, pieces: Sequence[Tensor], count: int) -> None:
        self._count = count
        self._names = [name for name, _ in network.graph.outputs]
        device = next(network.parameters()).device
        spreads = {name: Spread() for name in self._names}
        for images in pieces:
            for name, value in self._named(network(images.to(device))).items():
                spreads[name].add(0, value.movedim(1, -1).flatten(0, -2))
        rng = np.random.default_rng(DEALING)
        self._drawn = {}
        for name, source in network.graph.outputs:
            shape = network.graph.shapes[source]
            units = _inverse(np.sqrt(spreads[name].variance()))
            drawn = rng.normal(size=(count, *shape)) * units.reshape(-1, *(1 for _ in shape[1:]))
            self._drawn[name] = torch.from_numpy(drawn.astype(np.float32)).to(device)

    def along(self, output: Output) -> Iterator[Tensor]:
        """Yield, direction by direction, the (n,) answers that are seen along it."""
        outputs = self._named(output)
        for number in range(self._count):
            seen = [
                (value * self._drawn[name][number]).flatten(1).sum(1)
                for name, value in outputs.items()
            ]
            yield torch.stack(seen).sum(0)

    def _named(self, output: Output) -> dict[str, Tensor]:
        return output if isinstance(output, dict) else {self._names[0]: output}


def _inverse(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(1.0, values, out=np.zeros_like(values), where=values > 0)
