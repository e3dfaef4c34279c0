"""A run's theta_G at any cycle, and its designs found again from there, without any training."""

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from gensynth.diary import CycleNote, Diary, NetworkNote
from gensynth.errors import DataError
from gensynth.evaluation import Job
from gensynth.generators.generator import Generator
from gensynth.generators.seeding import seed_of
from gensynth.jobs.build import build
from gensynth.jobs.choice_story import Shares, Step
from gensynth.jobs.descent import Descent
from gensynth.jobs.past_run import PastRun
from gensynth.journal import Journal
from gensynth.nomination import Nomination
from gensynth.records import Candidate, Evaluation, Insight
from gensynth.run_files import CYCLES, GENERATOR, INSIGHTS, JOURNAL

log = logging.getLogger(__name__)

EXPLAINED = 3_000_000
"""Cycle number in the seeds that tell how probable options are."""


class _Parted(Exception):
    """A network was chosen that the run never trained."""


@final
@dataclass(frozen=True, slots=True)
class Replay:
    """States of theta_G by how many cycles had moved it; 0: as it began.

    Args:
        past: the run.
    """

    past: PastRun

    @property
    def cycles(self) -> int:
        """How many cycles moved theta_G."""
        return len(list((self.past.folder / CYCLES).glob(f"*/{GENERATOR}")))

    def moved(self, one: Descent) -> int:
        """Return how many cycles had moved theta_G when a design was found."""
        return one.candidate.cycle if one.way == "cycle" else self.cycles

    def state(self, one: Descent) -> str:
        """Return the file, below the run's folder, of theta_G when a design was found.

        Empty when no cycle had moved it.
        """
        return GENERATOR if one.way == "generated" else _file(self.moved(one), GENERATOR)

    def generator(self, state: str) -> Generator:
        """Return the generator in the state of a file; empty: as it began.

        Raises:
            DataError: the file is not in the run's folder.
        """
        generator: Generator = build(
            self.past.cfg.generator, self.past.assembly.space, self.past.allowed
        )
        if state:
            generator.load_state_dict(self._read(state))
        return generator

    def steps(self, one: Descent, seeds: int) -> list[Step]:
        """Return theta_G's way to where it was when a design was found.

        Args:
            one: the design.
            seeds: drawn at every step to tell how probable options were; always the same.

        Raises:
            DataError: a state is not in the run's folder.
        """
        numbers = [seed_of(self.past.cfg.seed, EXPLAINED, index) for index in range(seeds)]
        found = [Step("", self._shares("", numbers), ())]
        for moved in range(1, self.moved(one) + 1):
            raw = self._read(_file(moved, INSIGHTS))
            insights = [Insight(**{**each, "values": tuple(each["values"])}) for each in raw]
            shares = self._shares(_file(moved, GENERATOR), numbers)
            found.append(Step(f"cycle {moved - 1}", shares, insights))
        if one.way == "generated":
            insights = list(self.past.inquisitor().insights())
            found.append(Step("settling", self._shares(GENERATOR, numbers), insights))
        return found

    def found_again(self, one: Descent) -> bool:
        """Tell whether the same graph is found: drawn by its seed, or refined as it was.

        Raises:
            DataError: a state is not in the run's folder.
        """
        if one.way == "refined":
            return one.candidate in self._finalists()
        (design,) = self.generator(self.state(one)).generate([one.candidate.seed])
        return self.past.assembly.space.digest(design) == one.candidate.digest

    def nearest(self, one: Descent) -> tuple[Candidate, list[int]]:
        """Return the design from which the fewest choices lead to a refined one, and those choices.

        Raises:
            DataError: a state is not in the run's folder.
        """
        canonical = self.past.assembly.space.canonical
        pool = list(self._pool())
        designs = canonical(np.array([each.design for each in pool], dtype=np.int64))
        own = canonical(np.array([one.candidate.design], dtype=np.int64))
        differs = designs != own
        index = int(differs.sum(axis=1).argmin())
        return pool[index], np.flatnonzero(differs[index]).tolist()

    def _pool(self) -> Iterator[Candidate]:
        """Yield the designs that finalists could be chosen from: drawn then, or trained before."""
        past, cfg = self.past, self.past.cfg
        generator = self.generator(_file(self.cycles, GENERATOR))
        seeds = [seed_of(cfg.seed, cfg.cycles, index) for index in range(cfg.pool)]
        drawn = generator.generate(seeds)
        for index in np.flatnonzero(past.allowed(drawn)).tolist():
            yield Candidate(cfg.cycles, index, seeds[index], tuple(drawn[index].tolist()), "")
        yield from (e.candidate for e in self._trained() if e.status == "completed")

    def _finalists(self) -> list[Candidate]:
        """Choose and refine finalists again, by what the run measured, until the way parts."""
        past, cfg, trained = self.past, self.past.cfg, self._trained()
        chosen: list[Candidate] = []
        done = Journal(past.folder / JOURNAL).all()
        known = {(e.candidate, e.fidelity, e.split): e for e in done}

        def evaluate(jobs: Sequence[Job]) -> Iterator[Evaluation]:
            for job in jobs:
                evaluation = known.get((job.candidate, job.fidelity, job.split))
                if evaluation is None:
                    raise _Parted
                chosen.append(job.candidate)
                yield evaluation

        score = past.assembly.performance.name
        nomination = Nomination(
            space=past.assembly.space,
            generator=self.generator(_file(self.cycles, GENERATOR)),
            inquisitor=past.inquisitor(trained),
            evaluate=evaluate,
            allowed=past.allowed,
            confirmation=past.confirmation,
            score=score,
            reference=past.evaluation.measurements[score],
            seed=cfg.seed,
            pool=cfg.pool,
            at_once=past.assembly.executor.workers,
        )
        try:
            nomination.run(trained, cfg.long_networks, cfg.cycles)
        except _Parted:
            log.warning("finalists chosen again are others after the first %d", len(chosen))
        return chosen

    def _trained(self) -> list[Evaluation]:
        """Return what the search had evaluated before finalists were chosen, in its order."""
        short: list[Evaluation] = []
        long: list[Evaluation] = []
        every: list[Evaluation] = []
        for note in Diary(self.past.folder).notes():
            if isinstance(note, NetworkNote) and note.role == "candidate":
                short.append(note.evaluation)
            elif isinstance(note, NetworkNote) and note.role == "promoted":
                long.append(note.evaluation)
            elif isinstance(note, CycleNote):
                short.sort(key=lambda e: e.candidate.index)
                every += [*short, *long]
                short, long = [], []
        return every

    def _shares(self, state: str, seeds: Sequence[int]) -> Shares:
        drawn = self.generator(state).generate(seeds)
        options = self.past.assembly.space.options_per_choice.tolist()
        columns = zip(drawn.T, options, strict=True)
        return [np.bincount(taken, minlength=count) / len(seeds) for taken, count in columns]

    def _read(self, name: str) -> Any:
        path = self.past.folder / name
        if not path.exists():
            raise DataError(f"{path} is missing: theta_G at that time is not known without it")
        return json.loads(path.read_text(encoding="utf-8"))


def _file(moved: int, name: str) -> str:
    return f"{CYCLES}/{moved - 1:03d}/{name}" if moved else ""
