"""The uniform generator: the control that scales the whole prototype at once."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from gensynth.design.choice import Choice
from gensynth.design.space import DesignSpace
from gensynth.errors import ConfigurationError, RequirementError
from gensynth.generators import categorical
from gensynth.generators.generator import Allowed, Designs, Generator, Judge, ParameterChange
from gensynth.generators.seeding import uniforms
from gensynth.generators.worth import worth

Settings = tuple[str, float, str, int]
"""Operation family, width ratio, down-sampling, most blocks kept per stage."""

NAMES = ("operation", "width_ratio", "downsampling", "blocks_per_stage")
SHARPEST = 1e3


@final
class UniformGenerator(Generator):
    """A categorical distribution over designs that treat all parts of the prototype alike.

    Enumerated are all combinations of: one operation family for every region (a region that does
    not offer it keeps its own), one width ratio for every coupling group (its option nearest to
    ratio x prototype's width), one down-sampling, and one depth (each stage keeps at most that
    many blocks; the last are dropped first). Kernels and branches stay the prototype's. Settings
    that give equal designs count once, the first in order of enumeration; designs that `allowed`
    refuses do not count. The number is the product of four option counts, hence small.

    Args:
        space: the designs to choose from.
        allowed: (n, choices) designs to an (n,) mask of those that meet the requirements on exact
            costs; None when there are none.
        trust_region_nats: most that one call of `improve` may move it, KL(new || old).
        floor: share of the probability that stays spread evenly over all designs.

    Raises:
        ConfigurationError: the floor is not in [0, 1).
        RequirementError: `allowed` refuses every one of the designs.
    """

    def __init__(
        self,
        space: DesignSpace,
        allowed: Allowed | None = None,
        *,
        trust_region_nats: float,
        floor: float,
    ) -> None:
        if not 0 <= floor < 1:
            raise ConfigurationError(f"generator.floor={floor}: choose a share from 0 to below 1")
        found = _distinct(space)
        designs = np.array(list(found), dtype=np.int64)
        keep = np.ones(len(designs), dtype=np.bool_) if allowed is None else allowed(designs)
        if not keep.any():
            raise RequirementError(
                f"none of the {len(designs)} uniformly scaled designs meets the requirements on "
                "exact costs: loosen the bounds on parameters or macs, or offer smaller widths"
            )
        self._settings = tuple(itertools.compress(found.values(), keep))
        self._designs: Designs = designs[keep]
        self._prototype = np.array([space.prototype_design], dtype=np.int64)
        self._trust_region_nats = trust_region_nats
        self._floor = floor / len(self._designs)
        self._probabilities = np.full(len(self._designs), 1 / len(self._designs))

    @property
    def designs(self) -> Designs:
        """The (n, choices) designs this generator can draw, in order of enumeration."""
        return self._designs.copy()

    @property
    def settings(self) -> tuple[Settings, ...]:
        """The n settings the designs come from, named by `NAMES`."""
        return self._settings

    def generate(self, seeds: Sequence[int]) -> Designs:
        """Turn seeds into (n, choices) designs; row i depends only on (parameters, seeds[i])."""
        rows = categorical.inverse_cdf([self._probabilities], uniforms(seeds, 1))
        return self._designs[rows[:, 0]]

    def improve(
        self, judge: Judge, rng: np.random.Generator, *, varied: bool = False
    ) -> ParameterChange:
        """Judge every design and tilt the distribution towards the worthy ones.

        new = old x exp(worth x sharpness), the sharpest within the trust region.
        """
        del rng, varied  # every design is judged; nobody draws from a control afterwards
        allowed = np.ones(len(self._designs), dtype=np.bool_)
        values = worth(judge, self._designs, self._prototype, allowed)
        start = [self._probabilities]
        path = partial(self._tilted, values)
        sharpness = categorical.largest_step(path, start, self._trust_region_nats)
        new = path(sharpness)
        return ParameterChange(
            {"probabilities": new[0] - self._probabilities},
            categorical.divergence_nats(new, start),
        )

    def apply(self, change: ParameterChange) -> None:
        """Add the change to the probabilities.

        Raises:
            ValueError: the change has another shape or leaves the probability simplex.
        """
        new = self._probabilities + change.values["probabilities"]
        if new.shape != self._probabilities.shape or new.min() < -1e-9 or abs(new.sum() - 1) > 1e-9:
            raise ValueError(f"{change.values} does not lead to a distribution")
        self._probabilities = np.maximum(new, 0.0)

    def state_dict(self) -> dict[str, Any]:
        """Return every design's settings and probability."""
        rows = zip(self._settings, self._probabilities, strict=True)
        return {
            "kind": "uniform",
            "designs": [
                {**dict(zip(NAMES, settings, strict=True)), "probability": float(probability)}
                for settings, probability in rows
            ],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take theta_G back from `state_dict`.

        Raises:
            ConfigurationError: the state belongs to another generator or another design space.
        """
        rows = state.get("designs", [])
        settings = tuple(tuple(row[name] for name in NAMES) for row in rows)
        if state.get("kind") != "uniform" or settings != self._settings:
            raise ConfigurationError(
                f"generator state of kind {state.get('kind')!r} with {len(rows)} designs does not "
                f"fit generator=uniform with {len(self._settings)}: use the configuration it came "
                "from"
            )
        self._probabilities = np.array([row["probability"] for row in rows])

    def _tilted(self, values: NDArray[np.float64], share: float) -> categorical.Probabilities:
        logits = np.log(self._probabilities) + SHARPEST * share * (values - values.max())
        tilted = np.exp(logits - logits.max())
        return [categorical.with_floor(tilted / tilted.sum(), self._floor)]


def _distinct(space: DesignSpace) -> dict[tuple[int, ...], Settings]:
    """Return the designs of all settings, each with the first settings that give it."""
    settings = list(_settings(space))
    designs = space.canonical(np.array([_design(space, one) for one in settings], dtype=np.int64))
    found: dict[tuple[int, ...], Settings] = {}
    for design, one in zip(designs.tolist(), settings, strict=True):
        found.setdefault(tuple(design), one)
    return found


def _settings(space: DesignSpace) -> Iterator[Settings]:
    by_kind = {
        kind: [c for c in space.choices if c.kind == kind] for kind in ("width", "operation")
    }
    ratios = {
        round(float(option) / float(choice.options[choice.prototype]), 6)
        for choice in by_kind["width"]
        for option in choice.options
    }
    families = dict.fromkeys(str(o) for choice in by_kind["operation"] for o in choice.options)
    points = [str(o) for c in space.choices if c.kind == "downsampling" for o in c.options]
    most = max(_blocks_per_stage(space).values(), default=0)
    return itertools.product(
        families or [""],
        sorted(ratios, reverse=True) or [1.0],
        points or [""],
        range(most, 0, -1) or [0],
    )


def _design(space: DesignSpace, settings: Settings) -> tuple[int, ...]:
    return tuple(_option(space, choice, settings) for choice in space.choices)


def _option(space: DesignSpace, choice: Choice, settings: Settings) -> int:
    family, ratio, downsampling, depth = settings
    if choice.kind == "width":
        aim = ratio * float(choice.options[choice.prototype])
        return int(np.argmin([abs(float(option) - aim) for option in choice.options]))
    if choice.kind in ("operation", "downsampling"):
        wanted = family if choice.kind == "operation" else downsampling
        return choice.options.index(wanted) if wanted in choice.options else choice.prototype
    if choice.kind == "keep" and _position(space, choice.target) >= depth > 0:
        return choice.options.index(False)
    return choice.prototype


def _stage(block: str) -> str:
    return block.rpartition(".")[0]


def _blocks_per_stage(space: DesignSpace) -> dict[str, int]:
    stages = [_stage(region.name) for region in space.graph.regions if region.kind == "block"]
    return {stage: stages.count(stage) for stage in stages}


def _position(space: DesignSpace, target: str) -> int:
    """Return a block's place in its stage, from 0; -1 for a region that is no block."""
    stage = [
        r.name
        for r in space.graph.regions
        if r.kind == "block" and _stage(r.name) == _stage(target)
    ]
    return stage.index(target) if target in stage else -1
