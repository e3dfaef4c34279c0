"""Frozen records of what was generated, measured and concluded; they round-trip through JSON."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Self, final

Fidelity = Literal["short", "long"]
Status = Literal["completed", "failed"]

MINUS_PROTOTYPE = "_minus_prototype"
"""Ends the name of a difference to the prototype, and of its standard error."""


@final
@dataclass(frozen=True, slots=True)
class Candidate:
    """A design with the seed and cycle it came from.

    Args:
        cycle: turn of the loop, from 0.
        index: position within the cycle, from 0.
        seed: the s of G(s), derived from (run seed, cycle, index) and the number of retries.
        design: one option index per choice of the design space.
        digest: digest of the graph the design yields.
    """

    cycle: int
    index: int
    seed: int
    design: tuple[int, ...]
    digest: str

    @property
    def name(self) -> str:
        """Short readable name, unique within a synthesis: `c03-1-1f2e3d4c`."""
        return f"c{self.cycle:02d}-{self.index}-{self.digest[:8]}"


@final
@dataclass(frozen=True, slots=True)
class Response:
    """What one place of a probed network answered to a stimulus.

    Args:
        probe: name of the probe that asked.
        place: vertex whose output was read (a region's exit, an input of an add, multiply, concat).
        quantity: what `curve` holds, with its unit, e.g. `usable_class_information_bits`.
        curve: the quantity for the place's first 1, 2, ... w channels, or one value for the whole.
        order: channels from most to least important for that quantity; empty if the probe has none.
    """

    probe: str
    place: str
    quantity: str
    curve: tuple[float, ...]
    order: tuple[int, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Insight:
    """What an inquisitor concludes about one choice.

    Args:
        choice: name of a choice of the design space.
        quantity: what `values` holds, with its unit.
        values: one number per option of the choice.
        weight: how much the inquisitor's prediction of quality leans on it (0: not at all).
    """

    choice: str
    quantity: str
    values: tuple[float, ...]
    weight: float


@final
@dataclass(frozen=True, slots=True)
class Foretold:
    """What an inquisitor expected a network's quality to be, and what was read then; in percent.

    Both are about the confirm split: what was read beside the prototype on another split counts as
    the difference to it.

    Args:
        key: of the evaluation.
        fidelity: the evaluation's.
        expected: what all networks before it let expect.
        low: where the 95 % interval of the reading begins.
        high: where it ends.
        read: what came.
    """

    key: str
    fidelity: Fidelity
    expected: float
    low: float
    high: float
    read: float


@final
@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured of one network at one fidelity, or why it failed.

    Args:
        candidate: which network (design, seed, cycle).
        key: digest of everything the result depends on (design.md 6, caches).
        fidelity: `short` (inside cycles) or `long` (networks that are reported).
        split: data split the quality was read on.
        status: `completed` or `failed`.
        cause: why it failed; empty when completed.
        measurements: name to value; units are part of the names (accuracy in percent).
        standard_errors: of those measurements that are estimates.
        seconds: wall-clock time of training and measuring.
        responses: what probing it revealed.
        network: path of the saved network below the run's folder; empty when it was not kept.
        intervals: 95 % intervals of those measurements that have them.
    """

    candidate: Candidate
    key: str
    fidelity: Fidelity
    split: str
    status: Status
    cause: str = ""
    measurements: Mapping[str, float] = field(default_factory=dict)
    standard_errors: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    responses: tuple[Response, ...] = ()
    network: str = ""
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Hold the record's laws: a failure has a cause, a completion has finite measurements."""
        if (self.status == "failed") != bool(self.cause):
            raise ValueError(
                f"status {self.status!r} with cause {self.cause!r}: only a failure has a cause"
            )
        wrong = {k: v for k, v in self.measurements.items() if not math.isfinite(v)}
        if wrong:
            raise ValueError(f"measurements must be finite, got {wrong}: record a failure instead")

    def to_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Rebuild the record that `to_json` wrote."""
        raw: dict[str, Any] = json.loads(text)
        candidate = raw.pop("candidate")
        responses = raw.pop("responses")
        intervals = {name: (low, high) for name, (low, high) in raw.pop("intervals", {}).items()}
        return cls(
            candidate=replace(Candidate(**candidate), design=tuple(candidate["design"])),
            responses=tuple(
                Response(**{**r, "curve": tuple(r["curve"]), "order": tuple(r["order"])})
                for r in responses
            ),
            intervals=intervals,
            **raw,
        )
