"""The contract of probes: the plugin most people write."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import final

import numpy as np
from torch import Tensor

from gensynth.network.graph_network import GraphNetwork
from gensynth.records import Response


@final
@dataclass(frozen=True, slots=True)
class Stimulus:
    """X: what goes into a network when it is probed.

    Args:
        inputs: (n, channels, height, width) normalised images, float32.
        classes: int64 class indices: (n,) for classification, (n, height, width) per position.
        class_count: number of classes.
        values: (n, k, height, width) numbers per position, NaN where there are none; or None.
    """

    inputs: Tensor
    classes: Tensor
    class_count: int
    values: Tensor | None = None


class Probe(ABC):
    """One kind of stimulus with the reading of its responses; stateless and picklable."""

    @abstractmethod
    def stimuli(self, split: Stimulus, rng: np.random.Generator) -> Stimulus:
        """Choose X from a training-side split; the same rng state gives the same X."""

    @abstractmethod
    def respond(self, network: GraphNetwork, stimulus: Stimulus) -> tuple[Response, ...]:
        """Read Y; leaves the network (mode, weights, buffers) as it found it."""
