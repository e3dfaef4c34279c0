"""From a learned generator to one nominated network: choose finalists, train them long, judge."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import final

import numpy as np
from numpy.typing import NDArray

from gensynth.confirmation import Confirmation
from gensynth.design.space import DesignSpace
from gensynth.evaluation import CONFIRM, Job
from gensynth.generators.generator import Allowed, Designs, Generator, Judgement
from gensynth.generators.seeding import seed_of
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.records import Candidate, Evaluation
from gensynth.synthesis import Evaluate

log = logging.getLogger(__name__)

SAFE = 8.0
"""Exponent on the probability when the last chance to pass is spent."""

LEAST_GAIN = 1e-3
"""Gain in the score below which there is none."""

FAR_BEHIND = 1e6
"""Sets designs without any gain behind all others."""

Values = NDArray[np.float64]


@final
@dataclass(frozen=True, slots=True)
class Nomination:
    """Spend the long trainings where a network that meets the requirements gains most.

    Args:
        space: the designs.
        generator: learned; a pool of its designs is judged beside those already trained.
        inquisitor: judges, and observes every finalist.
        evaluate: yields one evaluation per job, in any order.
        allowed: mask of the designs that meet the requirements on exact costs.
        confirmation: the requirements with their margin on the confirm split.
        score: name of the performance function's measurement.
        reference: score of the prototype, which every finalist should beat.
        seed: the run seed.
        pool: designs drawn from the generator.
        at_once: finalists trained at the same time.
    """

    space: DesignSpace
    generator: Generator
    inquisitor: Inquisitor
    evaluate: Evaluate
    allowed: Allowed
    confirmation: Confirmation
    score: str
    reference: float
    seed: int
    pool: int
    at_once: int

    def run(
        self, trained: Sequence[Evaluation], networks: int, cycle: int
    ) -> tuple[Evaluation, ...]:
        """Train `networks` finalists long, a few at a time, each round wiser by the ones before.

        Networks that the search trained long already are read on the confirm split first, and are
        finalists too. Fewer are trained when the pool holds fewer different graphs. Before every
        round the generator looks for better designs near the best of the pool.
        """
        long = [e for e in trained if e.fidelity == "long"]
        finalists = [e for e in long if e.status == "failed"]
        finalists += self._confirmed([e.candidate for e in long if e.status == "completed"])
        pool = self._pool(trained, cycle)
        wanted = len(finalists) + networks
        while len(finalists) < wanted:
            count = min(self.at_once, wanted - len(finalists))
            last = len(finalists) + count >= wanted
            pool = self._refined(pool, finalists, cycle, self._cautions(finalists, count, last))
            chosen = self.choose(pool, finalists, count, last=last)
            if len(chosen) < count:
                log.warning(
                    "%d finalists wanted, the pool holds only %d",
                    wanted,
                    len(finalists) + len(chosen),
                )
            if not chosen:
                break
            finalists += self._confirmed(chosen)
        return tuple(finalists)

    def _confirmed(self, candidates: Sequence[Candidate]) -> list[Evaluation]:
        """Read networks on the confirm split, trained long if they were not; theta_I observes."""
        if not candidates:
            return []
        jobs = [Job(one, "long", CONFIRM) for one in candidates]
        done = sorted(self.evaluate(jobs), key=lambda e: candidates.index(e.candidate))
        for evaluation in done:
            self.inquisitor.observe(evaluation, evaluation.responses)
        return done

    def promoted(self, trained: Sequence[Evaluation], count: int) -> list[Candidate]:
        """Choose the networks of those trained short that shall be trained long now.

        There are `count` of them, or fewer where no more are left.
        """
        pool = [e.candidate for e in trained if e.status == "completed" and e.fidelity == "short"]
        finalists = [e for e in trained if e.fidelity == "long"]
        return self.choose(pool, finalists, count, last=False)

    def choose(
        self, pool: Sequence[Candidate], finalists: Sequence[Evaluation], count: int, *, last: bool
    ) -> list[Candidate]:
        """Pick by expected gain: probability that the requirements hold times the score gained.

        The first of a round takes the gain as it is expected; each further one weighs the
        probability more, so that one round holds a bold and a careful choice. However probable, a
        network that is expected to stay below the best that has passed gains nothing: those come
        last. A graph that is a finalist already is not picked again.
        """
        if not pool:
            return []
        judged = self.inquisitor.judge(np.array([one.design for one in pool]))
        taken = {e.candidate.digest for e in finalists}
        chosen: list[Candidate] = []
        for caution in self._cautions(finalists, count, last):
            for index in np.argsort(-self._promise(judged, finalists, caution), kind="stable"):
                one = self._named(pool[index])
                if one.digest not in taken:
                    taken.add(one.digest)
                    chosen.append(one)
                    break
        return chosen

    def _cautions(
        self, finalists: Sequence[Evaluation], count: int, last: bool
    ) -> tuple[float, ...]:
        """Return the exponent on the probability for every network of a round."""
        growing = [2.0**slot for slot in range(count)]
        if last and self.nominated(finalists) is None:
            growing[-1] = SAFE
        return tuple(growing)

    def _promise(
        self, judged: Judgement, finalists: Sequence[Evaluation], caution: float
    ) -> Values:
        """Return (n,) log expected gains; of designs without any, by how much they fall short."""
        best = self.nominated(finalists)
        floor = self.reference if best is None else best.measurements[self.score]
        gain = judged.utility - floor
        certainty = np.log(np.maximum(judged.probability, 1e-12))
        promise = caution * certainty + np.log(np.maximum(gain, LEAST_GAIN))
        return np.where(gain >= LEAST_GAIN, promise, gain - FAR_BEHIND)

    def _refined(
        self,
        pool: list[Candidate],
        finalists: Sequence[Evaluation],
        cycle: int,
        cautions: Sequence[float],
    ) -> list[Candidate]:
        """Return the pool with what the generator finds near its best, once for every caution."""
        if not pool:
            return pool
        known = {one.design for one in pool}
        found = list(pool)
        drawn = np.array([one.design for one in pool], dtype=np.int64)
        for caution in cautions:

            def value(designs: Designs, caution: float = caution) -> Values:
                return self._promise(self.inquisitor.judge(designs), finalists, caution)

            for row in self.generator.refined(drawn, value).tolist():
                if tuple(row) not in known:
                    known.add(tuple(row))
                    index = self.pool + len(found)
                    seed = seed_of(self.seed, cycle, index)
                    found.append(Candidate(cycle, index, seed, tuple(row), digest=""))
        return found

    def nominated(self, finalists: Sequence[Evaluation]) -> Evaluation | None:
        """Return the best finalist that meets every requirement with its margin, or None."""
        passing = [e for e in finalists if self.confirmation.met(e)]
        return max(passing, key=lambda e: e.measurements[self.score], default=None)

    def _pool(self, trained: Sequence[Evaluation], cycle: int) -> list[Candidate]:
        """Return networks that were trained and designs drawn now, these without their digest.

        Building thousands of graphs would take half a minute; equal designs that `canonical` does
        not see through are told apart when they are chosen.
        """
        known = [e.candidate for e in trained if e.status == "completed"]
        seeds = [seed_of(self.seed, cycle, index) for index in range(self.pool)]
        drawn = self.space.canonical(self.generator.generate(seeds))
        allowed = self.allowed(drawn)
        pool = {one.design: one for one in known}
        for index, (seed, row) in enumerate(zip(seeds, drawn.tolist(), strict=True)):
            if allowed[index]:
                design = tuple(row)
                pool.setdefault(design, Candidate(cycle, index, seed, design, digest=""))
        return list(pool.values())

    def _named(self, candidate: Candidate) -> Candidate:
        if candidate.digest:
            return candidate
        return replace(candidate, digest=self.space.digest(candidate.design))
