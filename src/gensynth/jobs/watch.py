"""What a synthesis tells its tracker while it runs: networks with their roles, and cycles."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import final

from omegaconf import DictConfig

from gensynth.confirmation import Confirmation
from gensynth.design.space import DesignSpace
from gensynth.evaluation import CONFIRM
from gensynth.generators.generator import Generator
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.jobs.assembly import plain
from gensynth.jobs.environment import choices
from gensynth.recording import Listener
from gensynth.records import Evaluation
from gensynth.synthesis import CycleReport, Observer
from gensynth.terminal import told
from gensynth.tracking.tracker import Ending, Role, Tracker

log = logging.getLogger(__name__)

CONTROL: Mapping[Role, Role] = {
    "candidate": "uniform candidate",
    "promoted": "uniform promoted",
    "finalist": "uniform finalist",
}
"""What a network of the search would be in the control's."""


@contextmanager
def tracked(tracker: Tracker, cfg: DictConfig, folder: Path) -> Iterator[dict[str, float]]:
    """Open the run at the tracker, and close it with how the block ended and its figures."""
    figures: dict[str, float] = {}
    ending: Ending = "failed"
    chosen = choices()
    tracker.start(folder, title(chosen, cfg.seed), plain(cfg), chosen)
    try:
        yield figures
        ending = "finished"
    except KeyboardInterrupt:
        ending = "interrupted"
        raise
    finally:
        tracker.finish(ending, figures)


def title(chosen: Mapping[str, str], seed: int) -> str:
    """Return a run's name in lists: what it is about, what searches, and the run seed.

    >>> title({"task": "t", "data": "d", "inquisitor": "blind", "generator": "factorised"}, 3)
    't d, blind, factorised, seed 3'
    """
    about = chosen.get("experiment") or f"{chosen['task']} {chosen['data']}"
    return f"{about}, {chosen['inquisitor']}, {chosen['generator']}, seed {seed}"


@final
@dataclass(frozen=True, slots=True)
class Watch:
    """Tells the tracker of networks and of cycles, and the terminal of networks.

    Args:
        tracker: is told.
        space: describes designs.
        confirmation: the requirements with their margin.
        quality: name of the task's quality.
        score: name of the performance function's measurement.
    """

    tracker: Tracker
    space: DesignSpace
    confirmation: Confirmation
    quality: str
    score: str

    def network(self, evaluation: Evaluation, role: Role) -> None:
        """Tell of one evaluated network."""
        design = self.space.describe(evaluation.candidate.design)
        self.tracker.candidate(evaluation, role, design, self.confirmation.figures(evaluation))

    def listener(self, *, control: bool) -> Listener:
        """Return what hears of a search's evaluations."""

        def listen(evaluation: Evaluation) -> None:
            role = role_of(evaluation)
            self.network(evaluation, CONTROL[role] if control else role)
            log.info("%s", told(evaluation, [self.quality, self.score]))

        return listen

    def cycles(self, generator: Generator, inquisitor: Inquisitor) -> Observer:
        """Return what tells of a search's cycles: what was measured, and both states."""

        def observe(report: CycleReport) -> None:
            judged = report.judgement
            figures = measured_range(report.evaluations) | {
                f"expected_{self.quality}": float(judged.quality.mean()),
                f"expected_{self.score}": float(judged.utility.mean()),
                "probability_requirements_hold": float(judged.probability.mean()),
                "divergence_nats": report.change.divergence_nats if report.change else 0.0,
            }
            states = {
                "generator": generator.state_dict(),
                "inquisitor": inquisitor.state_dict(),
                "insights": [asdict(one) for one in inquisitor.insights()],
            }
            self.tracker.cycle(report.cycle, figures, states)

        return observe


def role_of(evaluation: Evaluation) -> Role:
    """Return what a network is to the search that asked for it."""
    if evaluation.split == CONFIRM:
        return "finalist"
    return "promoted" if evaluation.fidelity == "long" else "candidate"


def measured_range(evaluations: Sequence[Evaluation]) -> dict[str, float]:
    """Return each measurement's largest, mean and smallest value over completed evaluations."""
    completed = [e.measurements for e in evaluations if e.status == "completed"]
    figures: dict[str, float] = {}
    for name in completed[0] if completed else ():
        values = [one[name] for one in completed]
        figures[f"largest_{name}"] = max(values)
        figures[f"mean_{name}"] = sum(values) / len(values)
        figures[f"smallest_{name}"] = min(values)
    return figures
