"""Requirements as a user writes them: named bounds on measurements."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import final

from gensynth.errors import RequirementError
from gensynth.requirements.bound import Bound, parse
from gensynth.requirements.resolved import EXACT, ResolvedBound, ResolvedRequirements, text

SIDES = ("at_least", "at_most")


@final
@dataclass(frozen=True, slots=True)
class Requirement:
    """What one measurement has to keep to, from either side.

    Args:
        name: of the measurement.
        at_least: lower bound, or None.
        at_most: upper bound, or None.
    """

    name: str
    at_least: Bound | None
    at_most: Bound | None

    def resolve(self, prototype: Mapping[str, float]) -> tuple[ResolvedBound, ...]:
        """Return one or two bounds in the measurement's unit; see `Requirements.resolve`."""
        least, most = self.at_least, self.at_most
        relative = (least and least.relative) or (most and most.relative)
        if relative and self.name not in prototype:
            raise RequirementError(
                f"requirements.{self.name} is relative to the prototype, whose measurements are "
                f"{sorted(prototype)}; list {self.name!r} under metrics, or give a number"
            )
        reference = prototype.get(self.name, 0.0)
        bounds = []
        if least:
            limit = least.limit(reference)
            bounds.append(ResolvedBound(self.name, "at_least", limit, least.relative))
        if most:
            limit = most.limit(reference)
            bounds.append(ResolvedBound(self.name, "at_most", limit, most.relative))
        if len(bounds) == 2 and bounds[0].limit > bounds[1].limit:
            raise RequirementError(
                f"requirements.{self.name}: nothing is at_least {text(bounds[0].limit)} and "
                f"at_most {text(bounds[1].limit)}"
            )
        return tuple(bounds)


@final
class Requirements:
    """Bounds as the user wrote them.

    Args:
        bounds: measurement to `{at_least: bound, at_most: bound}`. A bound is a number, `60%` (of
            the prototype's measurement), `prototype-0.5` or `prototype+1`, or null for none.
        percent: measurements in percent: a share of a percentage misleads, so `60%` is refused.

    Raises:
        RequirementError: a bound is malformed; the line names the measurement and what is allowed.
    """

    def __init__(self, bounds: Mapping[str, object], *, percent: Collection[str] = ()) -> None:
        self._percent = frozenset(percent)
        parsed = [_requirement(name, sides, self._percent) for name, sides in bounds.items()]
        self._bounds = bounds
        self.requirements = tuple(r for r in parsed if r.at_least or r.at_most)

    @property
    def cheap(self) -> "Requirements":
        """Those on parameters and MACs, which can be resolved before the prototype is trained."""
        bounds = {name: sides for name, sides in self._bounds.items() if name in EXACT}
        return Requirements(bounds, percent=self._percent)

    def check_measured(self, names: Collection[str]) -> None:
        """Refuse a required measurement that nobody makes.

        Args:
            names: of everything that is measured.

        Raises:
            RequirementError: naming the first one that is not among them.
        """
        for requirement in self.requirements:
            if requirement.name not in names:
                raise RequirementError(
                    f"requirements.{requirement.name}: {requirement.name!r} is not measured; "
                    f"measured are {sorted(names)}: list it under metrics"
                )

    def resolve(self, prototype: Mapping[str, float]) -> ResolvedRequirements:
        """Return the bounds in the measurements' units.

        Args:
            prototype: the prototype's measurements; those with a relative bound must be there.

        Raises:
            RequirementError: a relative bound's measurement is missing, or two bounds exclude
                each other.
        """
        bounds = [bound for r in self.requirements for bound in r.resolve(prototype)]
        return ResolvedRequirements(tuple(bounds))


def _requirement(name: str, sides: object, percent: Collection[str]) -> Requirement:
    if not isinstance(sides, Mapping):
        raise RequirementError(
            f"requirements.{name}: {sides!r} has no side; set requirements.{name}.at_least or "
            f"requirements.{name}.at_most"
        )
    unknown = [side for side in sides if side not in SIDES]
    if unknown:
        raise RequirementError(
            f"requirements.{name}: unknown key {unknown[0]!r}; allowed are {list(SIDES)}"
        )
    at_least, at_most = (
        parse(f"requirements.{name}.{side}", sides.get(side), percent=name in percent)
        for side in SIDES
    )
    return Requirement(name, at_least, at_most)
