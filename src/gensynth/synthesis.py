"""The cycle of generative synthesis (Wong et al. 2018, section 2)."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, final

import numpy as np

from gensynth.design.space import DesignSpace
from gensynth.errors import CandidatesFailed
from gensynth.evaluation import SEARCH, Job
from gensynth.generators.generator import Allowed, Generator, Judgement, ParameterChange
from gensynth.generators.seeding import seed_of
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.records import Candidate, Evaluation, Fidelity

log = logging.getLogger(__name__)

HOPELESS = 4
"""Failures in a row, from the start, after which a synthesis gives up."""

SETTLING_STEPS = 32
"""Most changes of theta_G after the last training."""

SETTLED = 0.9
"""Mean probability that the rest holds, over drawn designs that exact costs allow, at which theta_G
has settled."""

SETTLING_DRAWS = 256
"""Designs over which that mean is taken."""

Evaluate = Callable[[Sequence[Job]], Iterator[Evaluation]]
Promote = Callable[[Sequence[Evaluation]], list[Candidate]]
"""Everything evaluated so far to the candidates that are trained long now."""


@final
@dataclass(frozen=True, slots=True)
class CycleReport:
    """What one cycle did.

    Args:
        cycle: from 0.
        evaluations: one per candidate, in candidate order.
        judgement: what the inquisitor expects of those candidates, after observing them.
        change: delta theta_G, or None when the generator was left alone.
    """

    cycle: int
    evaluations: tuple[Evaluation, ...]
    judgement: Judgement
    change: ParameterChange | None


class Observer(Protocol):
    """Anything that wants to know how the synthesis goes on (tracking, terminal)."""

    def __call__(self, report: CycleReport) -> None:
        """Take note of a finished cycle."""


@final
@dataclass(frozen=True, slots=True)
class Observers:
    """Several observers as one."""

    observers: tuple[Observer, ...]

    def __call__(self, report: CycleReport) -> None:
        """Tell each of them."""
        for observer in self.observers:
            observer(report)


@final
@dataclass(frozen=True, slots=True)
class Synthesis:
    """Generate, train and measure, probe, observe, update theta_I, then delta theta_G.

    Args:
        space: the designs.
        generator: G(s; theta_G), changed in place.
        inquisitor: I(G; theta_I), changed in place.
        evaluate: yields one evaluation per job, in any order.
        allowed: mask of the designs that meet the requirements on exact costs.
        observer: told of every finished cycle.
        seed: the run seed.
        candidates: networks per cycle.
        attempts: seeds tried for one candidate before the space counts as exhausted.
        promote: chooses what is trained long before the next cycle. How much a long training adds
            is what theta_I cannot learn from short ones, and every judgement is about the long
            fidelity; left to the end, the search would aim too low or too high.
        promote_every: cycles from one promotion to the next; the first cycle has one.
    """

    space: DesignSpace
    generator: Generator
    inquisitor: Inquisitor
    evaluate: Evaluate
    allowed: Allowed
    observer: Observer
    seed: int
    candidates: int
    attempts: int
    promote: Promote
    promote_every: int

    def run(self, cycles: int) -> tuple[Evaluation, ...]:
        """Run the cycles and return all evaluations, the promoted ones' long ones included.

        All are read on the search split: what the confirm split is to judge knows nothing of it.

        Raises:
            CandidatesFailed: the first `HOPELESS` or more candidates all failed; holds the cause.
        """
        evaluations: list[Evaluation] = []
        seen: set[str] = set()
        for cycle in range(cycles):
            candidates = self.generate(cycle, seen)
            if not candidates:
                log.warning("cycle %d: the generator has no new designs; stopping", cycle)
                break
            done = self.evaluated(candidates, "short")
            evaluations += done
            self._check(evaluations)
            if cycle % self.promote_every == 0:
                evaluations += self.evaluated(self.promote(evaluations), "long")
            self.observer(self.learn(cycle, done))
        return tuple(evaluations)

    def evaluated(self, candidates: Sequence[Candidate], fidelity: Fidelity) -> list[Evaluation]:
        """Train, measure and probe candidates, and update theta_I from each in their order."""
        done = list(self.evaluate([Job(one, fidelity, SEARCH) for one in candidates]))
        done.sort(key=lambda e: candidates.index(e.candidate))
        for evaluation in done:
            self.inquisitor.observe(evaluation, evaluation.responses)
        return done

    def generate(self, cycle: int, seen: set[str]) -> list[Candidate]:
        """N = G(s): draw designs not seen before that exact costs allow; adds them to `seen`."""
        candidates: list[Candidate] = []
        for index in range(self.candidates):
            candidate = self._draw(cycle, index, seen)
            if candidate is None:
                log.warning("cycle %d: %d seeds gave no new design", cycle, self.attempts)
                break
            seen.add(candidate.digest)
            candidates.append(candidate)
        return candidates

    def learn(self, cycle: int, evaluations: Sequence[Evaluation]) -> CycleReport:
        """Change theta_G by what theta_I makes of all that it observed."""
        rng = np.random.default_rng([self.seed, cycle])
        change = self.inquisitor.propose(self.generator, rng)
        if change is not None:
            self.generator.apply(change)
        designs = np.array([e.candidate.design for e in evaluations])
        return CycleReport(cycle, tuple(evaluations), self.inquisitor.judge(designs), change)

    def settle(self, cycle: int) -> None:
        """Move theta_G, when the last network has been trained, to what meets the requirements.

        The search took chances; whoever draws from the generator afterwards wants nearly every seed
        to meet the requirements, and networks of different seeds to differ. It moves no further
        than that: variety that is given up here is lost to whoever draws. Says so when it gives up.

        Args:
            cycle: the number of cycles there were.
        """
        seeds = [seed_of(self.seed, cycle, index) for index in range(SETTLING_DRAWS)]
        for step in range(SETTLING_STEPS):
            designs = self.generator.generate(seeds)
            designs = designs[self.allowed(designs)]
            sure = len(designs) and self.inquisitor.judge(designs).probability.mean() >= SETTLED
            if sure and self.generator.is_varied():
                return
            rng = np.random.default_rng([self.seed, cycle, step + 1])
            change = self.inquisitor.propose(self.generator, rng, settle=True)
            if change is None:
                return
            self.generator.apply(change)
        log.warning("the generator has not settled after %d steps", SETTLING_STEPS)

    def _draw(self, cycle: int, index: int, seen: set[str]) -> Candidate | None:
        seeds = [seed_of(self.seed, cycle, index, retry) for retry in range(self.attempts)]
        designs = self.generator.generate(seeds)
        allowed = self.allowed(designs)
        for seed, row, fits in zip(seeds, designs, allowed, strict=True):
            design = tuple(int(option) for option in row)
            digest = self.space.digest(design) if fits else ""
            if fits and digest not in seen:
                return Candidate(cycle, index, seed, design, digest)
        return None

    @staticmethod
    def _check(evaluations: Sequence[Evaluation]) -> None:
        failed = [e.cause for e in evaluations if e.status == "failed"]
        if len(failed) == len(evaluations) >= HOPELESS:
            raise CandidatesFailed(
                f"all {len(failed)} candidates failed; the last one: {failed[-1]}"
            )
