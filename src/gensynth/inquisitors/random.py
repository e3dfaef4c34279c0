"""The random inquisitor: a control that observes and judges, but never changes the generator."""

from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np

from gensynth.design.space import DesignSpace
from gensynth.generators.generator import Designs, Generator, Judgement, ParameterChange
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.inquisitors.learning import LearningInquisitor
from gensynth.inquisitors.prior import Prior
from gensynth.inquisitors.probe import Probe
from gensynth.performance.performance import PerformanceFunction
from gensynth.records import Evaluation, Insight, Response
from gensynth.requirements import ResolvedRequirements


@final
class RandomInquisitor(Inquisitor):
    """Leaves the generator as it is, so that candidates are random designs of its first state.

    Finalists still have to be chosen among what was drawn; for that it holds a blind predictor.
    What `random` lacks against `blind` is thus exactly delta theta_G.

    Args:
        space: the designs.
        requirements: resolved against the prototype.
        performance: U.
        slack: measurement to the distance, in its unit, that is kept from its bounds.
        quality: name of the measurement to predict, in percent.
        prior: what is believed before anything is observed.
    """

    def __init__(
        self,
        space: DesignSpace,
        requirements: ResolvedRequirements,
        performance: PerformanceFunction,
        slack: Mapping[str, float] | None = None,
        *,
        quality: str,
        prior: Prior,
    ) -> None:
        self._blind = LearningInquisitor(
            space,
            requirements,
            performance,
            slack,
            probes={},
            quality=quality,
            prior=prior,
        )

    @property
    def probes(self) -> Mapping[str, Probe]:
        """None: it does not probe."""
        return self._blind.probes

    def observe(self, evaluation: Evaluation, responses: Sequence[Response]) -> None:
        """Learn from one evaluation, for judging only."""
        self._blind.observe(evaluation, responses)

    def judge(self, designs: Designs) -> Judgement:
        """Expect what a blind inquisitor would expect."""
        return self._blind.judge(designs)

    def propose(
        self,
        generator: Generator,  # noqa: ARG002 - the contract's parameters, not used by a control
        rng: np.random.Generator,  # noqa: ARG002
        *,
        settle: bool = False,  # noqa: ARG002
    ) -> ParameterChange | None:
        """Return None: the generator stays as it is."""
        return None

    def insights(self) -> tuple[Insight, ...]:
        """Return what a blind inquisitor concludes."""
        return self._blind.insights()

    def state_dict(self) -> dict[str, Any]:
        """Return the blind predictor's state."""
        return {**self._blind.state_dict(), "kind": "random"}
