"""Requirements 1_r: named bounds that every reported network has to meet."""

from gensynth.requirements.bound import Bound
from gensynth.requirements.requirements import PERCENT, Requirement, Requirements
from gensynth.requirements.resolved import (
    EXACT,
    ResolvedBound,
    ResolvedRequirements,
    confirm_margin,
)

__all__ = [
    "EXACT",
    "PERCENT",
    "Bound",
    "Requirement",
    "Requirements",
    "ResolvedBound",
    "ResolvedRequirements",
    "confirm_margin",
]
