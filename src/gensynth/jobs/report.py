"""The job `report`: what came of one synthesis, of several, or of a sweep, to read and to show."""

import logging
from pathlib import Path

from omegaconf import DictConfig

from gensynth.errors import ConfigurationError
from gensynth.jobs import places
from gensynth.jobs.runs import Saved, find_run
from gensynth.report.files import write_report
from gensynth.report.read_run import read_run
from gensynth.report.several import of_several
from gensynth.report.single import of_one
from gensynth.run_files import FAILURE, SAVED

log = logging.getLogger(__name__)


def run(cfg: DictConfig, folder: Path) -> float:
    """Write report.html, report.md and its figures; neither data nor Hydra's work is done again.

    Returns how many runs are reported.

    Raises:
        ConfigurationError: there is no such run, or the folder cannot be written to.
        DataError: a file of a run is damaged.
    """
    names = list(cfg.runs) or [cfg.run]
    sweeps = [sweep for name in names if (sweep := _sweep(name)) is not None]
    folders = [one for name in names for one in _folders(name)]
    records = [read_run(one) for one in dict.fromkeys(folders)]
    if len(records) == 1 and not sweeps:
        document = of_one(records[0])
    else:
        refused = {k: line for sweep in sweeps for k, line in _refused(sweep).items()}
        document = of_several(records, refused, ", ".join(names))
    target = folder if cfg.to is None else Path(cfg.to).expanduser().absolute()
    try:
        written = write_report(document, target)
    except OSError as error:
        raise ConfigurationError(
            f"to={target}: cannot be written to ({error.strerror}); name a folder that you may"
            " write to"
        ) from error
    log.info("report of %d run(s): %s", len(records), ", ".join(str(path) for path in written))
    return float(len(records))


def _folders(name: str) -> list[Path]:
    sweep = _sweep(name)
    if sweep is None:
        return [find_run(name)]
    folders = [path.parent for path in sweep.glob(f"*/{SAVED}")]
    mine = [path for path in folders if Saved.read(path).job == "synthesize"]
    if not mine:
        raise ConfigurationError(f"{sweep} is a sweep in which no synthesis began")
    return sorted(mine, key=_number)


def _sweep(name: str) -> Path | None:
    """Return the folder of a sweep, or None where the name is not one's."""
    if name == "last":
        return None
    for folder in (places.runs() / name, Path(name).expanduser().absolute()):
        jobs = [*folder.glob(f"*/{SAVED}"), *folder.glob(f"*/{FAILURE}")]
        if not (folder / SAVED).is_file() and jobs:
            return folder
    return None


def _refused(sweep: Path) -> dict[str, str]:
    """Return the jobs of a sweep that ended before they began, with the reason."""
    notes = [note for note in sweep.glob(f"*/{FAILURE}") if not (note.parent / SAVED).exists()]
    notes.sort(key=lambda note: _number(note.parent))
    return {note.parent.name: note.read_text(encoding="utf-8").strip() for note in notes}


def _number(folder: Path) -> tuple[int, str]:
    return len(folder.name), folder.name
