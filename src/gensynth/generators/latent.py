"""What generators share whose seeds become designs by way of independent latents."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from gensynth.design.choice import Option
from gensynth.design.space import DesignSpace
from gensynth.errors import ConfigurationError, RequirementError
from gensynth.generators import categorical
from gensynth.generators.generator import Allowed, Designs, Generator, Judge, ParameterChange, Value
from gensynth.generators.refinement import refined
from gensynth.generators.seeding import uniforms
from gensynth.generators.variety import ERROR, PAIRS, Variety, evened_out
from gensynth.generators.worth import elite_advantages, worth

RATE = 0.3
"""Share of the way towards the elite's marginals that one step goes."""
CENTRING_STEPS = 60
PASSING_SHARE = 0.5
LEAST_SHARE = 0.05
"""Of samples that pass; the few tens of seeds that are tried for a candidate find one then."""


@final
@dataclass(frozen=True, slots=True)
class Latent:
    """One thing that a seed decides.

    Args:
        name: of its own within a generator.
        options: what there is to choose from.
        start: (options,) probabilities before anything is required or learned.
    """

    name: str
    options: tuple[Option, ...]
    start: categorical.Vector

    @classmethod
    def even(cls, name: str, options: Sequence[Option]) -> "Latent":
        """Return a latent whose options are equally likely at the start."""
        return cls(name, tuple(options), np.full(len(options), 1 / len(options)))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Improvement:
    """How theta_G is improved.

    Args:
        samples: designs judged per step.
        steps: steps per call of `improve`.
        elite_fraction: share of the samples that a step goes towards.
        trust_region_nats_per_choice: most that one call may move the distribution of the latents,
            KL(new || old), for every choice of the space; that of the designs moves by no more. A
            generator as sure of its choices needs that much more of it in a larger space.
        floor: least probability of any option.
        variety: what is asked of designs once the generator has settled; see `Variety`.
    """

    samples: int
    steps: int
    elite_fraction: float
    trust_region_nats_per_choice: float
    floor: float
    variety: float


class LatentGenerator(Generator):
    """theta_G is one probability vector per latent; seeds become latents by inverse CDF.

    What latents mean for a design is the subclass's matter: it names them, turns them into designs
    (`_decoded`) and says which of them had a say in a design (`_told`).

    At the start theta_G is centred on the designs that `allowed` lets pass: cross-entropy
    steps towards the marginals of passing samples, stopped as soon as half of the samples pass, so
    that no more entropy is spent than needed. While few pass, the cheapest designs stand in for
    them; where that leads nowhere, the costliest, for bounds from below. `improve` climbs `worth`
    (see there) along the natural gradient: for categorical probabilities that is a step towards the
    frequencies of options among the best samples. Where variety is asked for, a step after which
    the designs of two seeds are too much alike is followed by evening all probabilities out: their
    powers, by one exponent. The next step takes back what cost performance or requirements; so
    variety stays where it costs least.

    Args:
        space: the designs to generate.
        allowed: (n, choices) designs to an (n,) mask of those that meet the requirements on exact
            costs; None when there are none.
        latents: in the order in which a seed decides them.
        improvement: how theta_G is improved.

    Raises:
        ConfigurationError: the floor leaves nothing to learn for the latent with the most options,
            or the space has no such variety.
        RequirementError: centring gave up with next to no samples that pass.
    """

    kind: ClassVar[str]
    """The option's name; the state carries it."""

    def __init__(
        self,
        space: DesignSpace,
        allowed: Allowed | None,
        latents: Sequence[Latent],
        improvement: Improvement,
    ) -> None:
        floor = improvement.floor
        widest = max((len(latent.options) for latent in latents), default=1)
        if not 0 <= floor * widest < 1:
            raise ConfigurationError(
                f"generator.floor={floor} with {widest} options in one choice leaves nothing to "
                f"learn: choose a floor from 0 to below {1 / widest:.3f}"
            )
        self._space = space
        self._latents = tuple(latents)
        self._allowed: Allowed = allowed or _all_pass
        self._improvement = improvement
        self._prototype = np.array([space.prototype_design], dtype=np.int64)
        self._probabilities = self._start()
        even = categorical.evened(self._probabilities, 0.0)
        self._variety = Variety(space, improvement.variety, self._drawn(even, self._fixed())[1])
        self._centre()

    @abstractmethod
    def _decoded(self, drawn: Designs) -> Designs:
        """Turn (n, latents) option indices into (n, choices) ones; illegal ones are repaired."""

    @abstractmethod
    def _told(self, drawn: Designs, designs: Designs) -> NDArray[np.bool_]:
        """Return an (n, latents) mask: false where no option of a latent can change the design."""

    def generate(self, seeds: Sequence[int]) -> Designs:
        """Turn n seeds into (n, choices) legal designs; row i depends only on seeds[i]."""
        return self._drawn(self._probabilities, uniforms(seeds, len(self._latents)))[1]

    def improve(
        self, judge: Judge, rng: np.random.Generator, *, varied: bool = False
    ) -> ParameterChange:
        """Return the change, within the trust region, that makes worthy designs more likely."""
        start, current = self._probabilities, self._probabilities
        numbers = rng.spawn(1)[0].random((2 * PAIRS, len(current)))
        most = self._improvement.trust_region_nats_per_choice * len(self._space.choices)
        for _ in range(self._improvement.steps):
            target = self._elite(current, judge, rng)
            aim = self._floored(categorical.mix(current, target, RATE))
            aim = evened_out(aim, partial(self._varied, numbers)) if varied else aim
            path = partial(categorical.mix, current, aim)
            share = categorical.largest_step(path, start, most)
            current = path(share)
            if share < 1:
                break
        changes = [new - old for new, old in zip(current, start, strict=True)]
        names = [latent.name for latent in self._latents]
        return ParameterChange(
            dict(zip(names, changes, strict=True)), categorical.divergence_nats(current, start)
        )

    def is_varied(self) -> bool:
        """Tell whether the designs of different seeds differ as the configuration asks for."""
        return self._varied(self._fixed(), self._probabilities, error=ERROR)

    def apply(self, change: ParameterChange) -> None:
        """Add the change to the probabilities.

        Raises:
            ValueError: a latent is missing, unknown, or would leave the probability simplex.
        """
        names = [latent.name for latent in self._latents]
        if set(change.values) != set(names):
            raise ValueError(f"change of {sorted(change.values)}, but the latents are {names}")
        moved = []
        for name, old in zip(names, self._probabilities, strict=True):
            new = old + change.values[name]
            if new.shape != old.shape or new.min() < -1e-9 or abs(new.sum() - 1) > 1e-9:
                raise ValueError(f"{name}: {old} plus {change.values[name]} is no distribution")
            moved.append(np.maximum(new, 0.0))
        self._probabilities = moved

    def refined(self, designs: Designs, value: Value) -> Designs:
        """Return the best designs that are found near some; see `refinement.refined`."""
        return refined(self._space, self._allowed, designs, value)

    def state_dict(self) -> dict[str, Any]:
        """Return every option's probability by the latent's name, with the options' values."""
        return {
            "kind": self.kind,
            "choices": {
                latent.name: {"options": list(latent.options), "probabilities": vector.tolist()}
                for latent, vector in zip(self._latents, self._probabilities, strict=True)
            },
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take theta_G back from `state_dict`.

        Raises:
            ConfigurationError: the state belongs to another generator or another design space.
        """
        mine = {latent.name: list(latent.options) for latent in self._latents}
        theirs = {name: one["options"] for name, one in state.get("choices", {}).items()}
        if state.get("kind") != self.kind or theirs != mine:
            raise ConfigurationError(
                f"generator state of kind {state.get('kind')!r} with choices {theirs} does not "
                f"fit generator={self.kind} with choices {mine}: use the configuration it came from"
            )
        self._probabilities = [np.array(state["choices"][name]["probabilities"]) for name in mine]

    def probabilities(self) -> dict[str, NDArray[np.float64]]:
        """Return a copy of theta_G: latent's name to (options,) probabilities."""
        pairs = zip(self._latents, self._probabilities, strict=True)
        return {latent.name: vector.copy() for latent, vector in pairs}

    def entropy_nats(self) -> float:
        """Return the entropy of the distribution over latents."""
        return categorical.entropy_nats(self._probabilities)

    def _drawn(
        self, probabilities: categorical.Probabilities, numbers: NDArray[np.float64]
    ) -> tuple[Designs, Designs]:
        """Return (n, latents) option indices and the (n, choices) designs that they mean."""
        drawn = categorical.inverse_cdf(probabilities, numbers)
        return drawn, self._space.repair(self._decoded(drawn))

    def _floored(self, probabilities: categorical.Probabilities) -> categorical.Probabilities:
        return [categorical.with_floor(vector, self._improvement.floor) for vector in probabilities]

    def _fixed(self) -> NDArray[np.float64]:
        return uniforms(range(2 * PAIRS), len(self._latents))

    def _varied(
        self,
        numbers: NDArray[np.float64],
        probabilities: categorical.Probabilities,
        *,
        error: float = 0.0,
    ) -> bool:
        return self._variety.holds(self._drawn(probabilities, numbers)[1], error=error)

    def _elite(
        self, current: categorical.Probabilities, judge: Judge, rng: np.random.Generator
    ) -> categorical.Probabilities:
        drawn, designs = self._drawn(current, rng.random((self._improvement.samples, len(current))))
        values = worth(judge, designs, self._prototype, self._allowed(designs))
        advantages = elite_advantages(values, self._improvement.elite_fraction)
        return categorical.tilted(current, drawn, self._told(drawn, designs), advantages)

    def _start(self) -> categorical.Probabilities:
        return [latent.start.copy() for latent in self._latents]

    def _centre(self) -> None:
        shares = []
        for cheapest in (True, False):
            self._probabilities = self._start()
            shares.append(self._centred(cheapest=cheapest))
            if shares[-1] >= LEAST_SHARE:
                return
        raise RequirementError(
            f"only {max(shares):.1%} of the designs drawn meet the requirements on exact costs "
            f"after {CENTRING_STEPS} steps of centring ({LEAST_SHARE:.0%} needed): loosen the "
            f"bounds on parameters or macs, or lower generator.floor={self._improvement.floor}"
        )

    def _centred(self, *, cheapest: bool) -> float:
        """Centre on designs that pass, by way of the cheapest or the costliest; return how many."""
        share = 0.0
        for step in range(CENTRING_STEPS):
            # fixed streams: theta_G's start depends on the space and the requirements alone
            seeds = range(step * self._improvement.samples, (step + 1) * self._improvement.samples)
            drawn, designs = self._drawn(self._probabilities, uniforms(seeds, len(self._latents)))
            passing = self._allowed(designs)
            share = float(passing.mean())
            if share >= PASSING_SHARE:
                break
            advantages = self._passing_advantages(designs, passing, cheapest=cheapest)
            told = self._told(drawn, designs)
            target = categorical.tilted(self._probabilities, drawn, told, advantages)
            self._probabilities = self._floored(categorical.mix(self._probabilities, target, RATE))
        return share

    def _passing_advantages(
        self, designs: Designs, passing: NDArray[np.bool_], *, cheapest: bool
    ) -> NDArray[np.float64]:
        """Weigh passing designs equally; while they are few, others stand in for them."""
        wanted = max(1, round(self._improvement.elite_fraction * len(designs)))
        chosen = passing.copy()
        if passing.sum() < wanted:
            costs = self._space.costs(designs)
            size = np.log1p(costs.parameters) + np.log1p(costs.macs)
            order = np.argsort(size if cheapest else -size, kind="stable")
            chosen[order[: wanted - int(passing.sum())]] = True
        return np.asarray(chosen / chosen.sum() - 1 / len(chosen))


def _all_pass(designs: Designs) -> NDArray[np.bool_]:
    return np.ones(len(designs), dtype=np.bool_)
