"""What a run noted of its networks and cycles while it went on: its diary, for the report."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gensynth.diary import AboutNote, CycleNote, NetworkNote, Note
from gensynth.errors import DataError
from gensynth.records import Foretold, Insight
from gensynth.report.beliefs import beliefs
from gensynth.report.run_record import Cycle, Network
from gensynth.run_files import GENERATOR, INQUISITOR, INSIGHTS


def about(notes: Sequence[Note]) -> AboutNote | None:
    """Return what the notes are about, once the run has got so far."""
    return next((note for note in notes if isinstance(note, AboutNote)), None)


def options(choices: Mapping[str, Sequence[Any]]) -> dict[str, tuple[str, ...]]:
    """Return every choice's options as text."""
    return {name: tuple(str(option) for option in offered) for name, offered in choices.items()}


def networks(notes: Sequence[Note]) -> tuple[Network, ...]:
    """Return every evaluated network, the prototype's own too, each once, in order."""
    found: dict[str, Network] = {}
    for note in notes:
        if isinstance(note, NetworkNote):
            design = {name: str(option) for name, option in note.design.items()}
            found.setdefault(note.evaluation.key, Network(note.evaluation, note.role, design))
    return tuple(found.values())


def cycles(notes: Sequence[Note], folder: Path) -> tuple[Cycle, ...]:
    """Return every finished cycle once, with the states that it left.

    Raises:
        DataError: a state is damaged.
    """
    found = {note.cycle: note for note in notes if isinstance(note, CycleNote)}
    return tuple(_cycle(found[number], folder) for number in sorted(found))


def _cycle(note: CycleNote, folder: Path) -> Cycle:
    paths = {Path(name).name: folder / name for name in note.files}
    generator = read_json(paths[GENERATOR], {}) if GENERATOR in paths else {}
    insights = read_json(paths[INSIGHTS], []) if INSIGHTS in paths else []
    return Cycle(
        number=note.cycle,
        figures=note.figures,
        beliefs=beliefs(generator),
        insights=tuple(Insight(**{**one, "values": tuple(one["values"])}) for one in insights),
    )


def foretold(notes: Sequence[Note], folder: Path) -> tuple[Foretold, ...]:
    """Return what the inquisitor had expected, by its last state; nothing of kinds that do not say.

    Raises:
        DataError: a state is damaged.
    """
    files = [name for note in notes if isinstance(note, CycleNote) for name in note.files]
    states = [folder / name for name in [*files, INQUISITOR] if Path(name).name == INQUISITOR]
    last = next((path for path in reversed(states) if path.is_file()), folder / INQUISITOR)
    return tuple(Foretold(**one) for one in read_json(last, {}).get("foretold", ()))


def read_json(path: Path, missing: Any) -> Any:
    """Return a file's content, or something else where there is no file.

    Raises:
        DataError: it is damaged.
    """
    if not path.is_file():
        return missing
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(
            f"{path} is damaged ({error}): restore it, or leave that run out"
        ) from error
