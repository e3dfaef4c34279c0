"""Requirements 1_r: named bounds that every reported network has to meet."""

from gensynth.requirements.bound import Bound
from gensynth.requirements.requirements import Requirement, Requirements
from gensynth.requirements.resolved import (
    EXACT,
    ResolvedBound,
    ResolvedRequirements,
    confirm_margin,
    own_margin,
)

__all__ = [
    "EXACT",
    "Bound",
    "Requirement",
    "Requirements",
    "ResolvedBound",
    "ResolvedRequirements",
    "confirm_margin",
    "own_margin",
]
