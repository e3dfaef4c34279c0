"""What a design space can reach, and whether the requirements lie within it."""

from gensynth.design.space import Reach
from gensynth.errors import RequirementError
from gensynth.requirements import ResolvedRequirements
from gensynth.requirements.resolved import EXACT, text


def reach_text(reach: Reach) -> str:
    """Return one line: smallest, prototype and largest parameters and MACs, number of designs."""
    parts = [
        f"{name} {text(getattr(reach.smallest, name))} .. {text(getattr(reach.largest, name))}"
        f" (prototype {text(getattr(reach.prototype, name))})"
        for name in sorted(EXACT, reverse=True)
    ]
    return f"{', '.join(parts)}, {float(reach.designs):.2g} designs"


def check_reach(reach: Reach, requirements: ResolvedRequirements) -> None:
    """Refuse a requirement on exact costs that no design can meet.

    Raises:
        RequirementError: naming the requirement and the nearest value a design can reach.
    """
    for bound in requirements.cheap.bounds:
        low, high = getattr(reach.smallest, bound.name), getattr(reach.largest, bound.name)
        nearest = low if bound.side == "at_most" else high
        if bound.margin(float(nearest)) < 0:
            raise RequirementError(
                f"requirements.{bound.name}.{bound.side}={text(bound.limit)}: no design reaches it,"
                f" the nearest has {text(nearest)}"
            )
