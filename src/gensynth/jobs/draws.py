"""Different networks from a learned generator that are likely to meet the requirements."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import final

from gensynth.design.space import DesignSpace
from gensynth.errors import ConfigurationError
from gensynth.generators.generator import Allowed, Generator
from gensynth.generators.seeding import seed_of
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.records import Candidate

DRAWN = 2_000_000
"""Cycle number in the seeds of generated networks, so that no search has used them."""

AT_ONCE = 64
"""Seeds that are turned into designs together; no design depends on it."""


@final
@dataclass(frozen=True, slots=True)
class Expected:
    """A drawn network with what is predicted of it at the long fidelity.

    Args:
        candidate: the design and its seed; its index counts the seeds.
        quality: in percent.
        deviation: standard deviation of that quality.
        utility: the performance function.
        probability: that all requirements hold.
    """

    candidate: Candidate
    quality: float
    deviation: float
    utility: float
    probability: float


@final
@dataclass(frozen=True, slots=True)
class Draws:
    """Draws one seed after the other until enough networks are found.

    Args:
        space: the designs.
        generator: learned.
        allowed: mask of the designs that meet the requirements on exact costs.
        inquisitor: predicts whether the others hold.
        least_probability: that they hold, for a network to count.
    """

    space: DesignSpace
    generator: Generator
    allowed: Allowed
    inquisitor: Inquisitor
    least_probability: float

    def find(self, networks: int, attempts: int, seed: int) -> list[Expected]:
        """Return that many networks, no two with the same graph; seeds are tried in order.

        Raises:
            ConfigurationError: `attempts` seeds were not enough.
        """
        found: dict[str, Expected] = {}
        fitting, best = 0, 0.0
        for one in self._fitting(attempts, seed):
            fitting, best = fitting + 1, max(best, one.probability)
            if one.probability >= self.least_probability:
                digest = self.space.digest(one.candidate.design)
                named = replace(one, candidate=replace(one.candidate, digest=digest))
                found.setdefault(digest, named)
            if len(found) == networks:
                return list(found.values())
        least = f"least_probability={self.least_probability:g}"
        raise ConfigurationError(
            f"networks={networks}: {attempts} seeds gave {len(found)} different networks with"
            f" {least}; {fitting} designs met the requirements on exact costs, the likeliest the"
            f" others with {best:.2f}: ask for fewer, lower least_probability, or raise attempts"
        )

    def _fitting(self, attempts: int, seed: int) -> Iterator[Expected]:
        """Yield what exact costs allow, without its digest: building graphs takes long."""
        for start in range(0, attempts, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, attempts))
            seeds = [seed_of(seed, DRAWN, number) for number in numbers]
            designs = self.generator.generate(seeds)
            fits = self.allowed(designs)
            if not fits.any():
                continue
            judged = self.inquisitor.judge(designs[fits])
            for place, row in enumerate(fits.nonzero()[0].tolist()):
                design = tuple(designs[row].tolist())
                yield Expected(
                    Candidate(DRAWN, numbers[row], seeds[row], design, digest=""),
                    quality=float(judged.quality[place]),
                    deviation=float(judged.deviation[place]),
                    utility=float(judged.utility[place]),
                    probability=float(judged.probability[place]),
                )
