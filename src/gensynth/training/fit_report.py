"""The record of one training."""

from dataclasses import dataclass
from typing import final

from gensynth.network.hardware import Precision


@final
@dataclass(frozen=True, slots=True)
class FitReport:
    """What one training took.

    Args:
        seconds: wall-clock time.
        epochs: passes over the train split.
        images_per_second: images learned from, every time counted, per second of the above.
        final_loss: mean training loss of the last epoch.
        precision: what the network computed in.
        threads: of torch in this process.
    """

    seconds: float
    epochs: int
    images_per_second: float
    final_loss: float
    precision: Precision
    threads: int
