"""What a generator's saved state says about each choice."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final


@final
@dataclass(frozen=True, slots=True)
class Belief:
    """What the generator holds of one choice at one time.

    Args:
        options: as text.
        probabilities: one for each option.
    """

    options: tuple[str, ...]
    probabilities: tuple[float, ...]

    @property
    def likeliest(self) -> str:
        """The most probable option."""
        return max(zip(self.probabilities, self.options, strict=True), key=lambda p: p[0])[1]

    @property
    def certainty(self) -> float:
        """1 less the entropy as a part of the largest there could be: 0 all even, 1 decided."""
        if len(self.options) < 2:
            return 1.0
        entropy = -sum(p * math.log(p) for p in self.probabilities if p > 0)
        return 1 - entropy / math.log(len(self.options))

    def distance(self, other: "Belief") -> float:
        """Return the probability that would have to move to make one of the other."""
        mine = dict(zip(self.options, self.probabilities, strict=True))
        theirs = dict(zip(other.options, other.probabilities, strict=True))
        every = {*mine, *theirs}
        return sum(abs(mine.get(one, 0.0) - theirs.get(one, 0.0)) for one in every) / 2


def beliefs(state: Mapping[str, Any]) -> dict[str, Belief]:
    """Read a state by choice, in order; empty where it is of no known kind.

    A generator that lists whole designs is read setting by setting.
    """
    if isinstance(state.get("choices"), Mapping):
        return {
            str(name): Belief(tuple(map(str, one["options"])), tuple(one["probabilities"]))
            for name, one in state["choices"].items()
        }
    designs = state.get("designs") or []
    names = [name for name in designs[0] if name != "probability"] if designs else []
    return {name: _marginal(designs, name) for name in names}


def _marginal(designs: Sequence[Mapping[str, Any]], name: str) -> Belief:
    total: dict[str, float] = {}
    for one in designs:
        option = str(one[name])
        total[option] = total.get(option, 0.0) + float(one["probability"])
    return Belief(tuple(total), tuple(total.values()))
