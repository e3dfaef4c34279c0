"""What is believed of quality before any network is trained."""

import math
from dataclasses import dataclass
from typing import final

from gensynth.errors import ConfigurationError
from gensynth.inquisitors.columns import Column

GAINED_PER_DOUBLING = (0.35, 0.18)
"""Logits that training for twice as many epochs adds: mean and standard deviation. Seen were 0.2 to
0.5, on digits and CIFAR-10, from 3 epochs on."""

CURVED_PART = 1 / 16
"""Of what the first halving of both costs takes away: the part that grows with the square."""

WIDTHS_PART = 0.75
"""Of what halving both costs is expected to take away: the part that goes with narrower channels
rather than with the costs themselves. Of two networks that cost the same, the one with wider
channels was better."""

HALVINGS_LACKED = {"bottleneck": 2.5, "separable": 1.0, "strides": 1.25}
"""What networks lack, costs and widths being equal, when all their bodies are of a family or their
strides are others than the prototype's: as much as so many halvings of both costs take away.
Believed is what recorded networks on digits and CIFAR-10 agree in (`benchmarks/prior_check.py`
tells what they lacked, and how well that is foretold); inverted bottlenecks, squeeze-excite,
kernels and dropped blocks had small effects, or others on one set than on another."""

SHORT_UNSURE = 0.5
"""Standard deviation, in logits, of what a short training lacks, whatever its length: more for
smaller networks. One that is too narrow makes a search too careful."""

RECIPES_DIFFER = 0.1
"""Standard deviation, in logits, of what the prototype gains or loses by being trained otherwise
than other networks (without a teacher, say) for as long."""

MACS_SHARE = 0.6
"""Of what goes with costs themselves: the multiply-adds' part. A guess: beside widths, recorded
networks have slopes of either sign for both costs."""

IMBALANCE_SHARE = 0.25
"""Of what halving both costs takes away: what a network lacks whose multiply-adds were halved once
more, or less, than its parameters; four times that for twice. A search that expected nothing of the
kind soon had networks with all their multiply-adds in one place, which lacked more than that."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What costs, widths, families, strides and training are expected to do to quality, in logits.

    Args:
        halving_cost_logits: by how much quality is expected to fall when the prototype's parameters
            and MACs are both halved by narrower channels (0.15: from 90.0 to 88.6 %); what is
            expected of all else that designs do grows with it.
        prototype_epochs: how long the prototype was trained.
        short_epochs: how long networks are trained at the short fidelity.
        long_epochs: how long at the long one, which judgements are about.
        inherit: whether networks start from the prototype's weights, and thus from its training.

    Raises:
        ConfigurationError: a length of training is below 1, or the fall is not above 0.
    """

    halving_cost_logits: float
    prototype_epochs: int
    short_epochs: int
    long_epochs: int
    inherit: bool

    def __post_init__(self) -> None:
        for name in ("prototype_epochs", "short_epochs", "long_epochs"):
            self._require(name, getattr(self, name) >= 1, "1 or more")
        self._require("halving_cost_logits", 0 < self.halving_cost_logits < math.inf, "above 0")

    def cost_columns(self, *, widths: bool) -> list[Column]:
        """Return the effects of fidelity and exact costs, in the order of `DesignFeatures`.

        Args:
            widths: designs differ in widths, which then have their part of what costs would do.
        """
        both = self.halving_cost_logits
        curvature = CURVED_PART * both
        straight = (1 - WIDTHS_PART if widths else 1) * (both - curvature)
        macs = MACS_SHARE * straight
        lacks = -GAINED_PER_DOUBLING[0] * math.log2(self.long_epochs / self.short_epochs)
        return [
            Column("bias", "known", 1.5, 1.5),
            Column("short", "known", lacks, SHORT_UNSURE),
            Column("log2 parameters", "cost", straight - macs, both / 2),
            Column("log2 macs", "cost", macs, both / 2),
            Column("curvature", "cost", curvature, curvature),
            Column("imbalance", "cost", IMBALANCE_SHARE * both, IMBALANCE_SHARE * both),
            Column("log2 cost x short", "cost", 0.0, 2 * both / 3),
        ]

    def share_effect(self, share: str) -> float:
        """Return what a share is expected to add to quality at equal costs, in logits per unit.

        Args:
            share: as `DesignFeatures` names it; `width` is a mean log2 ratio.
        """
        both = self.halving_cost_logits
        if share == "width":  # uniform scaling by 1 / sqrt(2) halves both costs
            return 2 * WIDTHS_PART * (1 - CURVED_PART) * both
        return -both * HALVINGS_LACKED.get(share.partition(" ")[0], 0.0)

    def prototype_ahead(self) -> tuple[float, float]:
        """Return what the prototype gains by its training: mean and standard deviation, logits.

        Were this not known, a prototype trained for much longer than other networks would pass for
        what they can reach. Networks that inherit its weights are not expected to lack anything.
        """
        doublings = math.log2(self.prototype_epochs / self.long_epochs)
        mean, deviation = GAINED_PER_DOUBLING
        ahead = 0.0 if self.inherit else doublings * mean
        return ahead, math.hypot(RECIPES_DIFFER, doublings * deviation)

    def _require(self, name: str, holds: bool, allowed: str) -> None:
        if not holds:
            raise ConfigurationError(
                f"inquisitor.prior.{name}={getattr(self, name)} must be {allowed}"
            )
