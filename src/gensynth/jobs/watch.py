"""What a synthesis notes while it runs: networks with their roles, and cycles."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, final

from omegaconf import DictConfig

from gensynth.confirmation import Confirmation
from gensynth.design.space import DesignSpace
from gensynth.diary import (
    AboutNote,
    CycleNote,
    Diary,
    Ending,
    EndNote,
    FileNote,
    NetworkNote,
    Note,
    Role,
)  # fmt: skip
from gensynth.errors import DataError
from gensynth.evaluation import CONFIRM
from gensynth.generators.generator import Generator
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.jobs.assembly import Assembly, plain
from gensynth.jobs.runs import Saved
from gensynth.journal import write_whole
from gensynth.performance.performance import PerformanceFunction
from gensynth.recording import Listener
from gensynth.records import Evaluation
from gensynth.run_files import CYCLES, ENVIRONMENT, GENERATOR, INQUISITOR, INSIGHTS, SAVED
from gensynth.synthesis import CycleReport, Observer
from gensynth.terminal import told
from gensynth.tracking.tracker import Tracker

log = logging.getLogger(__name__)

CONTROL: Mapping[Role, Role] = {
    "candidate": "uniform candidate",
    "promoted": "uniform promoted",
    "finalist": "uniform finalist",
}
"""What a network of the search would be in the control's."""


@final
@dataclass(frozen=True, slots=True)
class Telling:
    """Writes every note into the run's diary, and tells the tracker of it.

    Args:
        diary: the run's own record.
        tracker: where people watch.
        figures: the run's final numbers, to be filled in.
    """

    diary: Diary
    tracker: Tracker
    figures: dict[str, float] = field(default_factory=dict)

    def __call__(self, note: Note) -> None:
        """Take a note."""
        self.diary.write(note)
        self.tracker.note(note)


@contextmanager
def tracked(tracker: Tracker, cfg: DictConfig, folder: Path) -> Iterator[Telling]:
    """Open the run at the tracker, and close it with how the block ended and its figures."""
    begin(tracker, folder, plain(cfg))
    telling = Telling(Diary(folder), tracker)
    for name in (SAVED, ENVIRONMENT):  # all that the job rerun needs, where the folder is gone
        telling(FileNote(name))
    ending: Ending = "failed"
    try:
        yield telling
        ending = "finished"
    except KeyboardInterrupt:
        ending = "interrupted"
        raise
    finally:
        telling(EndNote(ending, telling.figures))
        tracker.close()


def begin(tracker: Tracker, folder: Path, config: Mapping[str, Any]) -> None:
    """Open a synthesis at a tracker, with what it was started with.

    Args:
        tracker: that will be told of it.
        folder: the run's.
        config: its configuration, as plain data.

    Raises:
        ConfigurationError: the store cannot be opened.
        DataError: the run never began.
    """
    saved = Saved.read(folder)
    chosen = {group: option for group, option in saved.choices.items() if option is not None}
    if not (folder / ENVIRONMENT).exists():
        raise DataError(f"{folder} has no {ENVIRONMENT}: the run never began")
    found = json.loads((folder / ENVIRONMENT).read_text(encoding="utf-8"))
    words = " ".join(saved.overrides)
    tags = {**chosen, **found.get("origin", {}), "role": "synthesis", "overrides": words}
    tracker.start(folder, title(chosen, config["seed"]), config, tags)


def about(assembly: Assembly) -> AboutNote:
    """Return what a run's notes are about."""
    a = assembly
    units = dict.fromkeys(sorted(a.task.percentages), "percent")
    functions = {name: m for name, m in a.metrics.items() if isinstance(m, PerformanceFunction)}
    return AboutNote(
        data=a.data.describe(),
        quality=a.task.quality,
        score=a.performance.name,
        costs=[name for name in a.metrics if name not in functions],
        units=units | {name: m.unit for name, m in functions.items() if m.unit},
        choices={choice.name: list(choice.options) for choice in a.space.choices},
    )


def title(chosen: Mapping[str, str], seed: int) -> str:
    """Return a run's name: what it is about, the run seed, and what searches.

    Lists cut names off after a few words. What the task is, the list says.

    >>> title({"data": "digits", "inquisitor": "blind", "generator": "factorised"}, 3)
    'digits, seed 3, blind, factorised'
    """
    about = chosen.get("experiment") or chosen["data"]
    return f"{about}, seed {seed}, {chosen['inquisitor']}, {chosen['generator']}"


@final
@dataclass(frozen=True, slots=True)
class Watch:
    """Takes notes of networks and of cycles, and tells the terminal of networks.

    Args:
        tell: takes the notes.
        space: describes designs.
        confirmation: the requirements with their margin.
        quality: name of the task's quality.
        score: name of the performance function's measurement.
        folder: the run's, which keeps states by cycle.
    """

    tell: Callable[[Note], None]
    space: DesignSpace
    confirmation: Confirmation
    quality: str
    score: str
    folder: Path

    def network(self, evaluation: Evaluation, role: Role) -> None:
        """Take a note of one evaluated network."""
        design = self.space.describe(evaluation.candidate.design)
        self.tell(NetworkNote(evaluation, role, design, self.confirmation.figures(evaluation)))

    def listener(self, *, control: bool) -> Listener:
        """Return what hears of a search's evaluations."""

        def listen(evaluation: Evaluation) -> None:
            role = role_of(evaluation)
            self.network(evaluation, CONTROL[role] if control else role)
            log.info("%s", told(evaluation, [self.quality, self.score]))

        return listen

    def cycles(self, generator: Generator, inquisitor: Inquisitor) -> Observer:
        """Return what takes notes of a search's cycles: what was measured, and both states."""

        def observe(report: CycleReport) -> None:
            judged = report.judgement
            figures = measured_range(report.evaluations) | {
                f"expected_{self.quality}": float(judged.quality.mean()),
                f"expected_{self.score}": float(judged.utility.mean()),
                "probability_requirements_hold": float(judged.probability.mean()),
                "divergence_nats": report.change.divergence_nats if report.change else 0.0,
            }
            states = {
                GENERATOR: generator.state_dict(),
                INQUISITOR: inquisitor.state_dict(),
                INSIGHTS: [asdict(one) for one in inquisitor.insights()],
            }
            place = f"{CYCLES}/{report.cycle:03d}"
            (self.folder / place).mkdir(parents=True, exist_ok=True)
            for name, state in states.items():
                write_whole(self.folder / place / name, json.dumps(state, indent=1))
            files = tuple(f"{place}/{name}" for name in states)
            self.tell(CycleNote(report.cycle, figures, files))

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
