"""One bound as a user writes it: a number, a share of the prototype's, or an offset from it."""

import math
import re
from dataclasses import dataclass
from typing import Literal, final

from gensynth.errors import RequirementError

_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_OFFSET = re.compile(r"prototype\s*(?:([+-])\s*(\d+(?:\.\d+)?))?")


@final
@dataclass(frozen=True, slots=True)
class Bound:
    """One bound as the user wrote it.

    Args:
        kind: `absolute`: the value itself; `share`: so many percent of the prototype's measurement;
            `offset`: the prototype's measurement plus so much.
        value: in the measurement's unit, or in percent for a share.
    """

    kind: Literal["absolute", "share", "offset"]
    value: float

    @property
    def relative(self) -> bool:
        """Whether the bound depends on the prototype."""
        return self.kind != "absolute"

    def limit(self, prototype: float) -> float:
        """Return the bound in the measurement's unit, given the prototype's measurement."""
        if self.kind == "share":
            return self.value * prototype / 100
        return self.value + (prototype if self.kind == "offset" else 0.0)


def parse(key: str, written: object, *, percent: bool) -> Bound | None:
    """Return the bound that a user wrote, or None for null.

    Args:
        key: where it was written, for the error.
        written: a number, `60%`, `prototype-0.5`, `prototype+1`, or None.
        percent: whether the measurement is in percent, so that `60%` is ambiguous.

    Raises:
        RequirementError: naming the key, the value and what is allowed.
    """
    if written is None:
        return None
    bound = _bound(written)
    if bound is None or not math.isfinite(bound.value):
        raise RequirementError(
            f"{key}: {written!r} is not a bound; allowed are a number, '60%' of the prototype's, "
            "'prototype-0.5', 'prototype+1' or null"
        )
    if bound.kind == "share" and percent:
        raise RequirementError(
            f"{key}: {written!r} of a measurement in percent is ambiguous; give a number such as "
            "89, or 'prototype-0.5' for percent points below the prototype"
        )
    if bound.kind == "absolute" and percent and not 0 <= bound.value <= 100:
        raise RequirementError(f"{key}: {written!r} is no percentage; allowed are 0 to 100")
    return bound


def _bound(written: object) -> Bound | None:
    if isinstance(written, int | float) and not isinstance(written, bool):
        return Bound("absolute", float(written))
    if not isinstance(written, str):
        return None
    if share := _SHARE.fullmatch(written.strip()):
        return Bound("share", float(share[1]))
    if offset := _OFFSET.fullmatch(written.strip()):
        return Bound("offset", float(f"{offset[1]}{offset[2]}") if offset[1] else 0.0)
    try:
        return Bound("absolute", float(written))
    except ValueError:
        return None
