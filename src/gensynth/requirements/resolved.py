"""Requirements in the measurements' units: whether they hold, and by how much."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, final

from gensynth.errors import RequirementError
from gensynth.records import MINUS_PROTOTYPE

Side = Literal["at_least", "at_most"]
EXACT = frozenset({"parameters", "macs"})
"""Measurements that follow from a design alone: exact, cheap, known before any training."""


@final
@dataclass(frozen=True, slots=True)
class ResolvedBound:
    """One bound in the measurement's unit.

    Args:
        name: of the measurement.
        side: `at_least` or `at_most`.
        limit: in the measurement's unit.
        relative: whether the limit came from the prototype's measurement.
    """

    name: str
    side: Side
    limit: float
    relative: bool

    def margin(self, value: float, slack: float = 0.0) -> float:
        """Return how far `value` is on the right side, less the slack; 0 or more holds."""
        distance = value - self.limit if self.side == "at_least" else self.limit - value
        return distance - slack


@final
@dataclass(frozen=True, slots=True)
class ResolvedRequirements:
    """Bounds in the measurements' units.

    `slack` arguments map a measurement to the distance, in its unit, that is kept from its bounds
    because it is an estimate; no entry means none.

    Args:
        bounds: each side of each requirement.
    """

    bounds: tuple[ResolvedBound, ...]

    @property
    def cheap(self) -> "ResolvedRequirements":
        """The bounds on parameters and MACs, known exactly before any training."""
        return self._keep(cheap=True)

    @property
    def quality(self) -> "ResolvedRequirements":
        """All other bounds: on what has to be measured of a trained network."""
        return self._keep(cheap=False)

    def _keep(self, *, cheap: bool) -> "ResolvedRequirements":
        kept = tuple(bound for bound in self.bounds if (bound.name in EXACT) == cheap)
        return ResolvedRequirements(kept)

    def margins(
        self, measurements: Mapping[str, float], slack: Mapping[str, float] | None = None
    ) -> dict[str, float]:
        """Return, per required measurement, its margin to the nearer bound; 0 or more holds.

        Raises:
            RequirementError: a required measurement is missing.
        """
        margins: dict[str, float] = {}
        for bound, margin in self._each(measurements, slack or {}):
            margins[bound.name] = min(margin, margins.get(bound.name, math.inf))
        return margins

    def met(
        self, measurements: Mapping[str, float], slack: Mapping[str, float] | None = None
    ) -> bool:
        """Return whether every bound holds.

        Raises:
            RequirementError: a required measurement is missing.
        """
        return all(margin >= 0 for _, margin in self._each(measurements, slack or {}))

    def shortfall(
        self, measurements: Mapping[str, float], slack: Mapping[str, float] | None = None
    ) -> str:
        """Return which bounds are missed and by how much; empty when all hold.

        Raises:
            RequirementError: a required measurement is missing.
        """
        slack = slack or {}
        missed = []
        for bound, margin in self._each(measurements, slack):
            if not margin >= 0:  # a NaN misses too
                kept = slack.get(bound.name, 0.0)
                extra = f" with margin {text(kept, 3)}" if kept else ""
                missed.append(
                    f"{bound.name} {text(measurements[bound.name])} misses {bound.side} "
                    f"{text(bound.limit)}{extra} by {text(-margin, 3)}"
                )
        return "; ".join(missed)

    def slack(
        self, standard_errors: Mapping[str, float], *, n_confirm: int, n_test: int, z: float = 1.28
    ) -> dict[str, float]:
        """Return the slack of what was estimated on the confirm split, in the measurements' units.

        Absolute bounds keep a distance for the difference between confirm and test; bounds relative
        to the prototype keep z standard errors of the paired difference on the same images. What
        has no standard error is exact and needs none.

        Args:
            standard_errors: read on the confirm split; those of the paired difference to the
                prototype end in `_minus_prototype`, and the prototype itself has none.
            n_confirm: images in the confirm split.
            n_test: images in the test split.
            z: normal quantile; 1.28 is one-sided 90 %.
        """
        slack: dict[str, float] = {}
        for bound in self.bounds:
            if bound.name in standard_errors:
                kept = (
                    z * standard_errors.get(f"{bound.name}{MINUS_PROTOTYPE}", 0.0)
                    if bound.relative
                    else confirm_margin(standard_errors[bound.name], n_confirm, n_test, z)
                )
                slack[bound.name] = max(kept, slack.get(bound.name, 0.0))
        return slack

    def _each(
        self, measurements: Mapping[str, float], slack: Mapping[str, float]
    ) -> list[tuple[ResolvedBound, float]]:
        missing = sorted({bound.name for bound in self.bounds} - measurements.keys())
        if missing:
            raise RequirementError(
                f"{missing[0]!r} is required but was not measured; measured are "
                f"{sorted(measurements)}: list it under metrics"
            )
        return [(b, b.margin(measurements[b.name], slack.get(b.name, 0.0))) for b in self.bounds]


def own_margin(
    bound: ResolvedBound, bounds: Sequence[ResolvedBound], value: float, nearest: float
) -> float:
    """Return one bound's margin, slack included, from that of the nearer bound.

    Args:
        bound: on a measurement.
        bounds: all there are.
        value: what was measured.
        nearest: the measurement's margin as `ResolvedRequirements.margins` tells it.
    """
    distances = [other.margin(value) for other in bounds if other.name == bound.name]
    return nearest + bound.margin(value) - min(distances)


def confirm_margin(standard_error: float, n_confirm: int, n_test: int, z: float = 1.28) -> float:
    """Return z standard deviations of the difference between two splits' readings.

    For a share p of images it is z sqrt(p (1 - p) (1 / n_confirm + 1 / n_test)).

    Args:
        standard_error: of the reading on the confirm split; the test split's images vary alike.
        n_confirm: images in the confirm split.
        n_test: images in the test split.
        z: normal quantile.
    """
    return z * standard_error * math.sqrt(1 + n_confirm / n_test)


def text(number: float, digits: int = 6) -> str:
    """Return a number as people write it: 87.2, 0.338, 15,300,000."""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.{digits}g}"
