"""The contract of inquisitors: I(G; theta_I) -> delta theta_G."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gensynth.generators.generator import Designs, Generator, Judgement, ParameterChange
from gensynth.inquisitors.probe import Probe
from gensynth.records import Evaluation, Insight, Response


class Inquisitor(ABC):
    """Learns from responses, scores and requirements; judges designs; changes the generator."""

    @property
    @abstractmethod
    def probes(self) -> Mapping[str, Probe]:
        """The probes to run on every trained network, by name; empty when it does not probe."""

    @abstractmethod
    def observe(self, evaluation: Evaluation, responses: Sequence[Response]) -> None:
        """Update theta_I; called in candidate order, first with the prototype."""

    @abstractmethod
    def judge(self, designs: Designs) -> Judgement:
        """Expect quality, performance and the probability that the requirements hold."""

    @abstractmethod
    def propose(
        self,
        generator: Generator,
        rng: np.random.Generator,
        *,
        settle: bool = False,
    ) -> ParameterChange | None:
        """Return delta theta_G, as `generator.improve` finds it, or None to leave it alone.

        Args:
            generator: what to improve; left as it is.
            rng: for what `improve` draws.
            settle: the search is over: let nearly every seed meet the requirements, and designs of
                different seeds differ.
        """

    @abstractmethod
    def insights(self) -> tuple[Insight, ...]:
        """Return what is believed about each choice, in numbers."""

    @abstractmethod
    def state_dict(self) -> dict[str, Any]:
        """Return theta_I as plain JSON-able data, for the record and for people."""
