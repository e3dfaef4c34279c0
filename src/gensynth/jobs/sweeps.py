"""Sweeps: a failed job is noted beside it, the sweep goes on and says so at its end."""

import atexit
import logging
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, final

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from gensynth.diary import AboutNote, Diary, Ending, EndNote
from gensynth.errors import ConfigurationError, DataError
from gensynth.jobs.build import build
from gensynth.jobs.origin import origin
from gensynth.jobs.sweep_summary import Summed, SweptJob
from gensynth.run_files import FAILURE
from gensynth.tracking.tracker import Tracker

log = logging.getLogger(__name__)

OVERRIDES = ".hydra/overrides.yaml"
"""Where Hydra writes what a job was started with, before it starts."""


def failed(folder: Path, line: str) -> float:
    """Note a job's failure in its folder and return the worst score there is."""
    (folder / FAILURE).write_text(f"{line}\n", encoding="utf-8")
    return -math.inf


def went_well(folder: Path) -> None:
    """Forget a job's failure: it was continued, and has ended well."""
    (folder / FAILURE).unlink(missing_ok=True)


def failures(sweep: Path) -> list[str]:
    """Return `number: line` for every failed job of a sweep."""
    return [
        f"{job.name}: {(job / FAILURE).read_text(encoding='utf-8').strip()}"
        for job in _jobs(sweep)
        if (job / FAILURE).exists()
    ]


@final
class SweepReport(Callback):
    """Tracks a sweep as a run above those of its jobs; Hydra calls it.

    At its end that run holds figures over the jobs. It keeps nothing between the calls: launchers
    send it to other processes.
    """

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Open the sweep's run before there is a job; `kwargs` is Hydra's and not needed.

        A store that cannot be opened ends the process here: Hydra only warns of our errors.
        """
        del kwargs
        if "tracking" not in config:
            return
        folder = Path(str(config.hydra.sweep.dir))
        folder.mkdir(parents=True, exist_ok=True)
        words = {"overrides": " ".join(config.hydra.overrides.task)}
        tags = {**origin(Path.cwd()), **words, "role": "sweep"}
        tracker = _tracker(config)
        try:
            tracker.start(folder, _title(config), words, tags)
        except ConfigurationError as error:
            print(f"gensynth: {error}", file=sys.stderr)
            raise SystemExit(1) from error
        atexit.register(_finish, config, folder, "interrupted")

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Sum up, and end the process with status 1 when a job has failed."""
        del kwargs
        folder = Path(str(config.hydra.sweep.dir))
        if "tracking" in config:
            atexit.unregister(_finish)
            _finish(config, folder, "finished")
        lines = failures(folder)
        if lines:
            print(f"gensynth: {len(lines)} failed in {folder}: {'; '.join(lines)}", file=sys.stderr)
            raise SystemExit(1)


def _finish(config: DictConfig, folder: Path, ending: Ending) -> None:
    """Close the sweep's run; a store that is gone by now stops nothing."""
    abouts, jobs = [], []
    for job in _jobs(folder):
        about, one = _read(job)
        jobs.append(one)
        abouts += [about] if about is not None and about not in abouts else []
    tracker = _tracker(config)
    try:
        tracker.start(folder, _title(config), {}, {})
    except ConfigurationError as error:
        log.warning("figures over the sweep are missing: %s", error)
        return
    for about in abouts:
        tracker.note(about)
    tracker.note(EndNote(ending, _summed(abouts).over(jobs) if jobs else {}))
    tracker.close()


def _summed(abouts: list[AboutNote]) -> Summed:
    higher = dict.fromkeys(name for about in abouts for name in (about.score, about.quality))
    lower = dict.fromkeys(name for about in abouts for name in about.costs)
    return Summed(tuple(higher), tuple(lower))


def _read(job: Path) -> tuple[AboutNote | None, SweptJob]:
    path = job / OVERRIDES
    words = tuple(map(str, OmegaConf.load(path))) if path.exists() else ()
    try:
        notes = Diary(job).notes()
    except DataError as error:
        log.warning("job %s counts as failed: %s", job.name, error)
        return None, SweptJob(words, {})
    about = next((note for note in notes if isinstance(note, AboutNote)), None)
    ends = [note.figures for note in notes if isinstance(note, EndNote)]
    has_failed = (job / FAILURE).exists() or not ends
    return about, SweptJob(words, {} if has_failed else ends[-1])


def _tracker(config: DictConfig) -> Tracker:
    node = OmegaConf.to_container(config.tracking, resolve=True)
    assert isinstance(node, dict)
    if "system_metrics" in node:  # each job has its own
        node["system_metrics"] = False
    tracker: Tracker = build(OmegaConf.create(node))
    return tracker


def _title(config: DictConfig) -> str:
    """Return what people tell a sweep by: what it is about, and what is swept."""
    chosen, words = config.hydra.runtime.choices, list(config.hydra.overrides.task)
    parsed = OverridesParser.create().parse_overrides(words)
    swept = [str(one.input_line) for one in parsed if one.is_sweep_override()]
    about = chosen.get("experiment") or chosen["data"]
    return f"{about}, sweep {' '.join(swept)}"


def _jobs(sweep: Path) -> Iterator[Path]:
    folders = [path for path in sweep.glob("*") if path.name.isdigit()]
    yield from sorted(folders, key=lambda path: int(path.name))
