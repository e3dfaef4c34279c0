"""What a run did, note by note: trackers are told of it, reports read it, `sync` tells it again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, final

from gensynth.errors import DataError
from gensynth.journal import Journal, append_line, parse_lines, read_lines, whole_lines
from gensynth.records import Evaluation
from gensynth.run_files import DIARY, JOURNAL, PROTOTYPE_EVALUATION

Ending = Literal["finished", "failed", "interrupted"]
Role = Literal[
    "prototype",
    "candidate",
    "promoted",
    "finalist",
    "uniform candidate",
    "uniform promoted",
    "uniform finalist",
]
"""What a network is to the run: a candidate was trained short, a promoted one long while the search
went on, a finalist is long-trained and read on the confirm split; those that are `uniform` belong
to the control."""


@final
@dataclass(frozen=True, slots=True)
class AboutNote:
    """What all that follows is about; noted once, before anything is trained.

    Args:
        data: what the data set says of itself, as plain JSON values.
        quality: name of the measurement that says how well a network does its task.
        score: name of the measurement that is maximised.
        costs: names of the measurements of which less is better.
        units: of those measurements whose names do not say theirs.
        choices: name of each choice of the design space to its options.
    """

    data: Mapping[str, Any]
    quality: str
    score: str
    costs: Sequence[str]
    units: Mapping[str, str]
    choices: Mapping[str, Sequence[Any]]


@final
@dataclass(frozen=True, slots=True)
class NetworkNote:
    """A network was evaluated, at either fidelity, completed or failed.

    Args:
        evaluation: measurements, or the cause of a failure.
        role: what the network is to the run.
        design: choice to chosen option.
        figures: further numbers with the measurement at the end of their name, such as margins of
            requirements.
    """

    evaluation: Evaluation
    role: Role
    design: Mapping[str, Any]
    figures: Mapping[str, float]


@final
@dataclass(frozen=True, slots=True)
class CycleNote:
    """A cycle is finished.

    Args:
        cycle: from 0; figures become curves over it.
        figures: numbers with the measurement at the end of their name.
        files: below the run's folder: what the generator, the inquisitor and its insights became.
    """

    cycle: int
    figures: Mapping[str, float]
    files: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True)
class ReportedNote:
    """A network is reported, and kept; it was noted as evaluated before.

    Args:
        evaluation: of the network.
        path: its `.safetensors` file below the run's folder.
        nominated: whether it is the run's answer.
        met: whether it meets the requirements.
    """

    evaluation: Evaluation
    path: str
    nominated: bool
    met: bool


@final
@dataclass(frozen=True, slots=True)
class PictureNote:
    """A picture of what a network does was drawn; it was noted as evaluated before.

    Args:
        evaluation: of the network.
        path: of the picture, below the run's folder.
    """

    evaluation: Evaluation
    path: str


@final
@dataclass(frozen=True, slots=True)
class FileNote:
    """A file of the run was written: a table, a figure.

    Args:
        path: below the run's folder.
    """

    path: str


@final
@dataclass(frozen=True, slots=True)
class EndNote:
    """The run ended, for good or until it is continued.

    Args:
        ending: how.
        figures: its final numbers, the measurement at the end of their name.
    """

    ending: Ending
    figures: Mapping[str, float]


Note = AboutNote | NetworkNote | CycleNote | ReportedNote | PictureNote | FileNote | EndNote

KINDS: Mapping[str, type[Note]] = {
    "about": AboutNote,
    "network": NetworkNote,
    "cycle": CycleNote,
    "reported": ReportedNote,
    "picture": PictureNote,
    "file": FileNote,
    "end": EndNote,
}
"""What a note is called in the file."""

NAMES = {kind: name for name, kind in KINDS.items()}


@final
class Diary:
    """The notes of one run, in order; a continued run adds only what is new.

    Evaluations are written by their keys: the journal beside the diary holds them.

    Args:
        folder: the run's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines = set(read_lines(folder / DIARY, str))

    def write(self, note: Note) -> None:
        """Append a note; one that stands there already is not repeated, except for an end."""
        line = _line(note)
        if line in self._lines and not isinstance(note, EndNote):
            return
        append_line(self._folder / DIARY, line)
        self._lines.add(line)

    def notes(self) -> tuple[Note, ...]:
        """Read all notes, in the order in which they were written.

        Raises:
            DataError: the diary is damaged, or names an evaluation that the run does not hold.
        """
        # Before the journal: a run that goes on writes there first what it then notes here.
        lines = whole_lines(self._folder / DIARY)
        known = {e.key: e for e in Journal(self._folder / JOURNAL).all()}
        prototype = self._folder / PROTOTYPE_EVALUATION
        if prototype.exists():
            one = Evaluation.from_json(prototype.read_text(encoding="utf-8"))
            known[one.key] = one

        def parse(line: str) -> Note:
            return _note(line, known)

        return tuple(parse_lines(self._folder / DIARY, lines, parse))


def _line(note: Note) -> str:
    plain = {field.name: getattr(note, field.name) for field in fields(note)}
    if "evaluation" in plain:
        plain["evaluation"] = plain["evaluation"].key
    return json.dumps({"note": NAMES[type(note)], **plain})


def _note(line: str, evaluations: Mapping[str, Evaluation]) -> Note:
    plain: dict[str, Any] = json.loads(line)
    kind = KINDS[plain.pop("note")]
    if "evaluation" in plain:
        key = plain["evaluation"]
        if key not in evaluations:
            raise DataError(f"{DIARY} tells of evaluation {key}, which {JOURNAL} does not hold")
        plain["evaluation"] = evaluations[key]
    if "files" in plain:
        plain["files"] = tuple(plain["files"])
    return kind(**plain)
