"""The job `synthesize`: the whole method, from a configuration to a nominated network."""

import json
import logging
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, final

from omegaconf import DictConfig

from gensynth.confirmation import Confirmation
from gensynth.diary import FileNote, ReportedNote
from gensynth.errors import (
    CandidatesFailed,
    NothingMetRequirements,
    RequirementError,
)
from gensynth.evaluation import Evaluator
from gensynth.generators.generator import Generator
from gensynth.generators.seeding import seed_of
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.jobs.assembly import Allowed, Assembly, assemble, confirmation_of
from gensynth.jobs.build import build
from gensynth.jobs.checks import check_budget, check_counts
from gensynth.jobs.conclusion import Conclusion, Outcome
from gensynth.jobs.environment import pin, refuse_other_device
from gensynth.jobs.final_figures import final_figures, names
from gensynth.jobs.gallery import Gallery
from gensynth.jobs.past_run import keep_prototype
from gensynth.jobs.prepare import Prepared, prepare, probes_of, prototype_source
from gensynth.jobs.showing import View, following, hushed, resolve
from gensynth.jobs.watch import Telling, Watch, about, tracked
from gensynth.journal import Journal, Ledger, write_whole
from gensynth.network.saving import load
from gensynth.nomination import Nomination
from gensynth.reach import check_reach, reach_text
from gensynth.recording import Recording
from gensynth.run_files import GENERATOR, INQUISITOR, JOURNAL, LEDGER, RESULT
from gensynth.synthesis import Observer, Observers, Synthesis
from gensynth.terminal import Narrator
from gensynth.tracking.tracker import Tracker

log = logging.getLogger(__name__)

CONTROL = 1_000_000
"""Cycle number in the control's seed, so that its seeds are nobody else's."""


def run(cfg: DictConfig, folder: Path) -> float:
    """Run one synthesis and return the nominated network's score.

    Raises:
        NothingMetRequirements: no network met them; the message names the nearest.
        GensynthError: a setting is wrong, or no design can meet the requirements.
    """
    check_budget(cfg)
    view = resolve(cfg.view)
    with hushed(view):
        return _run(cfg, folder, view)


def _run(cfg: DictConfig, folder: Path, view: View) -> float:
    refuse_other_device(folder)
    pin(cfg, folder)
    assembly = assemble(cfg)
    assembly.requirements.check_measured([*assembly.metrics, *assembly.task.percentages])
    counts = assembly.data.counts
    told = ", ".join(f"{count:,} {split}" for split, count in counts.items())
    log.info("images: %s (%s)", assembly.data.name, told)
    check_counts(assembly.data.name, counts)
    reach = assembly.space.reach()
    log.info("design space: %s", reach_text(reach))
    exact = {"parameters": float(assembly.graph.parameters), "macs": float(assembly.graph.macs)}
    cheap = assembly.requirements.cheap.resolve(exact)
    check_reach(reach, cheap)
    generators = Generators.build(cfg, Allowed(assembly.space, cheap))
    tracker: Tracker = build(cfg.tracking)
    with closing(assembly.executor), tracked(tracker, cfg, folder) as telling:
        one = Run.start(cfg, assembly, generators, telling, folder, view)
        score = one.finish(telling.figures)
        telling.figures["score"] = score
        return score


@final
@dataclass(frozen=True, slots=True)
class Generators:
    """What a run draws designs from; built before anything is trained.

    Args:
        allowed: the gate on exact costs.
        main: to be learned.
        control: of uniformly scaled prototypes; None: there is no control.
    """

    allowed: Allowed
    main: Generator
    control: Generator | None

    @classmethod
    def build(cls, cfg: DictConfig, allowed: Allowed) -> "Generators":
        """Build both; without a uniform design that meets the bounds there is no control.

        Raises:
            RequirementError: the generator cannot reach designs that meet the bounds on exact
                costs.
        """
        main: Generator = build(cfg.generator, allowed.space, allowed)
        if not cfg.control.long_networks:
            return cls(allowed, main, None)
        try:
            return cls(allowed, main, build(cfg.control.generator, allowed.space, allowed))
        except RequirementError as error:
            log.warning("there will be no control: %s", error)
            return cls(allowed, main, None)


@final
@dataclass(frozen=True, slots=True)
class Run:
    """One synthesis with its live objects; build with `start`."""

    cfg: DictConfig
    assembly: Assembly
    generators: Generators
    prepared: Prepared
    inquisitor: Inquisitor
    confirmation: Confirmation
    evaluator: Evaluator
    journal: Journal
    watch: Watch
    folder: Path
    view: View

    @classmethod
    def start(
        cls,
        cfg: DictConfig,
        assembly: Assembly,
        generators: Generators,
        telling: Telling,
        folder: Path,
        view: View,
    ) -> "Run":
        """Prepare the prototype, and let theta_I start from it."""
        a = assembly
        telling(about(a))
        prepared = prepare(a, probes_of(cfg), prototype_source(cfg))
        requirements = a.requirements.resolve(prepared.evaluation.measurements)
        confirmation = confirmation_of(requirements, prepared.evaluation, a, cfg.confidence_z)
        slack = confirmation.expected_slack()
        inquisitor: Inquisitor = build(cfg.inquisitor, a.space, requirements, a.performance, slack)
        inquisitor.observe(prepared.evaluation, prepared.evaluation.responses)
        keep_prototype(folder, prepared.network, prepared.evaluation)
        limit = None if cfg.time_limit_minutes is None else cfg.time_limit_minutes * 60
        evaluator = prepared.evaluator(a, inquisitor.probes, folder, limit)
        if view != "lines":  # their place on the terminal is taken, or nobody wants them
            evaluator = evaluator.quiet()
        watch = Watch(telling, a.space, confirmation, a.task.quality, a.performance.name, folder)
        watch.network(prepared.evaluation, "prototype")
        journal = Journal(folder / JOURNAL)
        return cls(
            cfg,
            a,
            generators,
            prepared,
            inquisitor,
            confirmation,
            evaluator,
            journal,
            watch,
            folder,
            view,
        )

    def finish(self, figures: dict[str, float]) -> float:
        """Search, nominate, run the control, read the test split, conclude.

        Args:
            figures: filled with the run's final figures, also when nothing was nominated.

        Returns:
            the nominated network's score on the confirm split.
        """
        generator = self.generators.main
        cycles = self.watch.cycles(generator, self.inquisitor)
        main = self.search(generator, self.cfg, self.cfg.seed, cycles)
        self._keep(GENERATOR, generator.state_dict())
        self._keep(INQUISITOR, self.inquisitor.state_dict())
        control = self._control()
        conclusion = Conclusion(self.assembly, self.prepared, self.confirmation, self.folder)
        ledger = Ledger(self.folder / LEDGER) if self.cfg.open_test else None
        rows = conclusion.rows(main, control, ledger)
        conclusion.write(rows, main)
        self.watch.tell(FileNote(RESULT))
        score = self.assembly.performance.name
        named = names(main, control, self.confirmation.nearest(main.finalists))
        figures |= final_figures(rows, named, score)
        if main.nominated is not None:
            self._report(main)
        self._draw(main, control)  # last: nothing else waits for pictures
        if main.nominated is None:
            raise NothingMetRequirements(conclusion.nearest(main.finalists))
        return main.nominated.measurements[score]

    def search(
        self,
        generator: Generator,
        budget: DictConfig,
        seed: int,
        *watchers: Observer,
    ) -> Outcome:
        """Run the cycles, then train finalists long and nominate one; watchers see every cycle."""
        a = self.assembly
        score = a.performance.name
        is_main = generator is self.generators.main
        listener = self.watch.listener(control=not is_main)
        evaluate = Recording(self.evaluator, a.executor, self.journal, listener)
        narrator = Narrator(
            cycles=budget.cycles,
            score=score,
            quality=a.task.quality,
            margins=self.confirmation.figures,
        )
        nomination = Nomination(
            space=a.space,
            generator=generator,
            inquisitor=self.inquisitor,
            evaluate=evaluate,
            allowed=self.generators.allowed,
            confirmation=self.confirmation,
            score=score,
            reference=self.prepared.evaluation.measurements[score],
            seed=seed,
            pool=self.cfg.pool,
            at_once=a.executor.workers,
        )
        synthesis = Synthesis(
            space=a.space,
            generator=generator,
            inquisitor=self.inquisitor,
            evaluate=evaluate,
            allowed=self.generators.allowed,
            observer=Observers((narrator, *watchers)),
            seed=seed,
            candidates=budget.candidates,
            attempts=self.cfg.attempts,
            promote=partial(nomination.promoted, count=budget.promoted),
            promote_every=self.cfg.promote_every,
        )
        with following(self.view, narrator, self.folder):
            trained = synthesis.run(budget.cycles)
            log.info("training %d finalists long", budget.long_networks)
            finalists = nomination.run(trained, budget.long_networks, budget.cycles)
        if is_main:  # nobody draws from the control afterwards
            synthesis.settle(budget.cycles)
        return Outcome(trained, finalists, nomination.nominated(finalists))

    def _control(self) -> Outcome | None:
        """Search the uniformly scaled prototypes with the same theta_I, recipe and requirements.

        Whatever becomes of the control, the search it stands beside is reported.
        """
        generator, seed = self.generators.control, seed_of(self.cfg.seed, CONTROL, 0)
        if generator is None:
            return None
        log.info("control: uniform scaling")
        try:
            return self.search(generator, self.cfg.control, seed)
        except CandidatesFailed as error:
            log.warning("the control has failed: %s", error)
            return None

    def _draw(self, main: Outcome, control: Outcome | None) -> None:
        gallery = Gallery(self.assembly, self.watch.tell, self.folder)
        gallery.add("prototype", self.prepared.evaluation, self.prepared.network)
        for kind, outcome in (("", main), ("uniform ", control)):
            for e in outcome.finalists if outcome is not None else ():
                if e.status == "completed":
                    name = f"{kind}{e.candidate.name}"
                    gallery.add(name, e, load(self.folder / e.network))

    def _report(self, main: Outcome) -> None:
        for e in main.finalists:
            if e.status == "completed":
                met = self.confirmation.met(e)
                self.watch.tell(ReportedNote(e, e.network, e is main.nominated, met))

    def _keep(self, name: str, state: dict[str, Any]) -> None:
        write_whole(self.folder / name, json.dumps(state, indent=1))
