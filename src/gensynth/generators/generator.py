"""The contract of generators: G(s; theta_G)."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, final

import numpy as np
from numpy.typing import NDArray

Designs = NDArray[np.int64]
"""(n, choices) option indices, one row per design."""


@final
@dataclass(frozen=True, slots=True)
class Judgement:
    """What an inquisitor expects of n designs at the long fidelity.

    Args:
        quality: (n,) expected quality (e.g. accuracy in percent).
        deviation: (n,) standard deviation of that quality.
        utility: (n,) expected performance U.
        probability: (n,) probability that all requirements hold; in what an inquisitor lets a
            generator climb, a power of it that says how careful to be.
        to_beat: performance that a search has in hand already; -inf: none, or it does not matter.
    """

    quality: NDArray[np.float64]
    deviation: NDArray[np.float64]
    utility: NDArray[np.float64]
    probability: NDArray[np.float64]
    to_beat: float = -math.inf


class Judge(Protocol):
    """Anything that judges a batch of designs; an inquisitor's `judge`."""

    def __call__(self, designs: Designs) -> Judgement:
        """Judge (n, choices) designs."""


@final
@dataclass(frozen=True, slots=True)
class ParameterChange:
    """delta theta_G, as the generator's `improve` produced it and its `apply` takes it.

    Args:
        values: name to array, shaped like the generator's parameters of that name.
        divergence_nats: how far the change moves the distribution, KL(new || old).
    """

    values: Mapping[str, NDArray[np.float64]]
    divergence_nats: float


Allowed = Callable[[Designs], NDArray[np.bool_]]
"""(n, choices) designs to an (n,) mask of those that meet the requirements on exact costs."""

Value = Callable[[Designs], NDArray[np.float64]]
"""(n, choices) designs to (n,) numbers, the higher the better."""


class Generator(ABC):
    """A learned distribution over the designs of one space."""

    @abstractmethod
    def generate(self, seeds: Sequence[int]) -> Designs:
        """Turn seeds into designs; row i depends only on (parameters, seeds[i])."""

    @abstractmethod
    def improve(
        self, judge: Judge, rng: np.random.Generator, *, varied: bool = False
    ) -> ParameterChange:
        """Return the change of parameters that makes highly judged designs more likely.

        Args:
            judge: what to ask.
            rng: for what is drawn.
            varied: keep the designs of different seeds as different as the configuration asks for.
                That costs performance; a search that goes on is better off without.
        """

    def is_varied(self) -> bool:
        """Tell whether the designs of different seeds differ as the configuration asks for."""
        return True

    @abstractmethod
    def apply(self, change: ParameterChange) -> None:
        """Add a change to the parameters."""

    def refined(self, designs: Designs, value: Value) -> Designs:
        """Return designs of this generator near some of its own, the best of them no worse.

        Sampling seldom meets the best design that a distribution holds. Here: the designs as they
        are.

        Args:
            designs: (n, choices), n > 0.
            value: what to climb.
        """
        del value
        return designs

    @abstractmethod
    def state_dict(self) -> dict[str, Any]:
        """Return theta_G as plain JSON-able data."""

    @abstractmethod
    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take theta_G back from `state_dict`."""
