"""What is believed of quality before any network is trained."""

import math
from dataclasses import dataclass
from typing import final

from gensynth.inquisitors.columns import Column

SHORT_LACKS = (-0.8, 0.5)
"""Logits that a short training lacks: mean and standard deviation. On digits and CIFAR-10 0.4 to
1.3 were seen, more for smaller networks; a prior that is too narrow makes a search too careful."""

GAINED_PER_DOUBLING = (0.35, 0.18)
"""Logits that training for twice as many epochs adds: mean and standard deviation. Seen were 0.2 to
0.5, on digits and CIFAR-10, from 3 epochs on."""

MACS_SHARE = 0.8
"""Of what halving both costs is expected to take away: the multiply-adds' part. Slopes seen, in
logits a doubling of parameters and of multiply-adds: 0.02 and 0.09 on CIFAR-10 (three epochs, 165
designs), -0.08 and 0.34 (short, 2,052) and 0.03 and 0.24 (long, 442) on digits."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What costs and training are expected to do to quality, on the logit scale.

    Args:
        halving_cost_logits: by how much quality is expected to fall when parameters and MACs are
            both halved (0.15: from 90.0 to 88.6 %).
        prototype_epochs: how long the prototype was trained.
        long_epochs: how long the networks are trained that judgements are about.
    """

    halving_cost_logits: float
    prototype_epochs: int
    long_epochs: int

    def cost_columns(self) -> list[Column]:
        """Return the effects of fidelity and exact costs, in the order of `DesignFeatures`."""
        both = self.halving_cost_logits
        macs = MACS_SHARE * both
        return [
            Column("bias", "known", 1.5, 1.5),
            Column("short", "known", *SHORT_LACKS),
            Column("log2 parameters", "cost", both - macs, both / 2),
            Column("log2 macs", "cost", macs, both / 2),
            Column("curvature", "cost", both / 16, both / 16),
            Column("log2 cost x short", "cost", 0.0, 2 * both / 3),
        ]

    def prototype_ahead(self) -> tuple[float, float]:
        """Return what the prototype gains by the length of its training: mean and deviation.

        Were this not known, a prototype trained for much longer than other networks would pass for
        what they can reach.
        """
        doublings = math.log2(self.prototype_epochs / self.long_epochs)
        mean, deviation = GAINED_PER_DOUBLING
        return doublings * mean, abs(doublings) * deviation
