"""Where a network of a run comes from: how its design was found, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, final

from gensynth.design.choice import Option
from gensynth.diary import Diary, NetworkNote
from gensynth.errors import ConfigurationError, DataError
from gensynth.jobs.past_run import PastRun
from gensynth.jobs.tables import read_result
from gensynth.network.saving import load, read_metadata
from gensynth.records import Candidate
from gensynth.run_files import DIARY

Way = Literal["cycle", "pool", "refined", "generated"]

ABOUT: Mapping[Way, str] = {
    "cycle": "drawn from theta_G in cycle {cycle}",
    "pool": "drawn from theta_G after the last cycle, among those that finalists were chosen from",
    "refined": "not drawn: found by changing single choices of drawn designs, after the last cycle",
    "generated": "drawn by the job generate from theta_G as the run left it",
}
"""How a design was found."""


@final
@dataclass(frozen=True, slots=True)
class Descent:
    """A network of a run, and how it was found.

    Args:
        name: what it is called.
        candidate: its design, with the seed that drew it or, if refined, only began its training.
        way: see `ABOUT`.
        notes: what the run noted of it, in order; none of one that the job generate drew.
    """

    name: str
    candidate: Candidate
    way: Way
    notes: tuple[NetworkNote, ...]

    @property
    def told(self) -> str:
        """How its design was found, in words."""
        return ABOUT[self.way].format(cycle=self.candidate.cycle)


def descent(past: PastRun, network: str | None) -> Descent:
    """Find a network by its name in the run, or by a file's graph; None: the nominated one.

    Raises:
        ConfigurationError: the run knows no such network, or it is the prototype or the control's.
        DataError: the file or the diary is damaged, or the run kept no diary.
    """
    if not (past.folder / DIARY).exists():
        raise DataError(f"{past.folder} kept no {DIARY}: an earlier version of gensynth made it")
    notes = [note for note in Diary(past.folder).notes() if isinstance(note, NetworkNote)]
    name = network or _nominated(past)
    path = Path(name).expanduser()
    if not path.is_file():
        return _named(past, name, notes)
    metadata = read_metadata(path)
    digest = load(path).graph.digest
    if "seed" in metadata and "design" in metadata:
        return _generated(past, path, metadata["seed"], metadata["design"], digest)
    same = [note for note in notes if note.evaluation.candidate.digest == digest]
    if not same:
        raise ConfigurationError(f"network={path}: {past.folder.name} never evaluated its graph")
    return _found(past, same)


def _nominated(past: PastRun) -> str:
    name: str | None = read_result(past.folder)["nominated"]
    if name is None:
        raise ConfigurationError(
            f"{past.folder.name} nominated no network: name one of its finalists, network=..."
        )
    return name


def _named(past: PastRun, name: str, notes: Sequence[NetworkNote]) -> Descent:
    plain = name.removeprefix("uniform ")
    same = [
        note
        for note in notes
        if plain in {note.evaluation.candidate.name, Path(note.evaluation.network).stem}
        and (plain == name or _is_control(note))
    ]
    if not same:
        finalists = [n.evaluation.candidate.name for n in notes if n.role == "finalist"]
        raise ConfigurationError(
            f"network={name}: no file, and {past.folder.name} has no such network; its finalists"
            f" are {', '.join(finalists) or 'none yet'}"
        )
    return _found(past, same)


def _found(past: PastRun, notes: Sequence[NetworkNote]) -> Descent:
    """Return the descent of what notes tell of; the search's, where the control found it too."""
    own = [note for note in notes if not _is_control(note)]
    if not own:
        raise ConfigurationError(
            f"{notes[0].evaluation.candidate.name} was found by the control, whose states are not"
            " kept: explain tells of the search's networks"
        )
    candidate = own[0].evaluation.candidate
    mine = tuple(note for note in own if note.evaluation.candidate == candidate)
    roles = {note.role for note in mine}
    if "prototype" in roles:
        raise ConfigurationError("this is the prototype: all other networks descend from it")
    drawn: Way = "pool" if candidate.index < past.cfg.pool else "refined"
    return Descent(candidate.name, candidate, "cycle" if "candidate" in roles else drawn, mine)


def _generated(
    past: PastRun, path: Path, seed: int, description: Mapping[str, Option], digest: str
) -> Descent:
    design = past.assembly.space.from_description(description)
    return Descent(path.stem, Candidate(-1, 0, seed, design, digest), "generated", ())


def _is_control(note: NetworkNote) -> bool:
    return note.role.startswith("uniform ")
