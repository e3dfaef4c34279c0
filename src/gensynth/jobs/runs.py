"""Run folders: what a run was started with, and finding one again."""

import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self, final

from filelock import FileLock, Timeout
from hydra.core.hydra_config import HydraConfig

from gensynth.errors import ConfigurationError, DataError, RequirementError
from gensynth.jobs import places
from gensynth.journal import read_lines
from gensynth.run_files import ENVIRONMENT, MLFLOW_RUN, SAVED

log = logging.getLogger(__name__)

UNBEGUN = frozenset({SAVED, ENVIRONMENT, "gensynth.log"})
"""What lies in a run's folder before it has anything of its own; hidden files besides."""


@final
@dataclass(frozen=True, slots=True)
class Saved:
    """What a run was started with; kept beside it as JSON.

    Args:
        job: the job word.
        overrides: the command line's overrides, in order.
        choices: configuration group to chosen option.
        config: the composed configuration, resolved.
        config_dir: the folder that `--config-dir` named, absolute; empty without one.
    """

    job: str
    overrides: tuple[str, ...]
    choices: Mapping[str, str | None]
    config: Mapping[str, Any]
    config_dir: str

    def write(self, folder: Path) -> None:
        """Write the record into a run's folder."""
        unfinished = folder / f".{SAVED}"
        unfinished.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        unfinished.replace(folder / SAVED)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read a run's record.

        Raises:
            DataError: it is damaged.
        """
        try:
            raw = json.loads((folder / SAVED).read_text(encoding="utf-8"))
            return cls(**{**raw, "overrides": tuple(raw["overrides"])})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise DataError(
                f"{folder / SAVED} cannot be read ({error}): start a new run"
            ) from error


def saved_now(job: str, config: Mapping[str, Any]) -> Saved:
    """Return the record of the run that Hydra is running now."""
    hydra = HydraConfig.get()
    choices = {str(group): option for group, option in hydra.runtime.choices.items()}
    named = [one.path for one in hydra.runtime.config_sources if one.provider == "command-line"]
    return Saved(
        job=job,
        overrides=tuple(hydra.overrides.task),
        choices={group: option for group, option in choices.items() if group[:6] != "hydra/"},
        config=config,
        config_dir=named[0] if named else "",
    )


@contextmanager
def recorded(saved: Saved, folder: Path) -> Iterator[None]:
    """Keep the record of a run while it works; one that is refused before it began is no run.

    Its folder stays, with its log, and nobody finds it as `last`.
    """
    began = (folder / SAVED).exists()
    if not began:
        saved.write(folder)
    try:
        yield
    except (ConfigurationError, DataError, RequirementError):
        if not began and all(_unbegun(path) for path in folder.iterdir()):
            (folder / SAVED).unlink()
        raise


def check_free(folder: str) -> None:
    """Refuse a folder that a user has named for a new run and that holds anything at all.

    Args:
        folder: as it was written; one that Hydra makes up from other settings is not looked at.

    Raises:
        ConfigurationError: naming the folder, and what it holds.
    """
    path = Path(folder).expanduser()
    if "${" not in folder and path.is_dir():
        _refuse(path.absolute(), [one.name for one in path.iterdir()])


def check_own(folder: Path) -> None:
    """Refuse a folder that holds anything but a run: what lies there could be replaced.

    Args:
        folder: where a job is about to run; Hydra has been there.

    Raises:
        ConfigurationError: naming the folder, and what it holds.
    """
    if not (folder / SAVED).exists():
        _refuse(folder, [one.name for one in folder.iterdir() if not _unbegun(one)])


def _refuse(folder: Path, others: list[str]) -> None:
    if others:
        raise ConfigurationError(
            f"hydra.run.dir={folder} holds {min(others)!r}: a new run needs a folder of its own; "
            "name one that is empty or not there yet, leave the override out, or continue a run "
            "with resume="
        )


def discard(folder: Path) -> None:
    """Remove what Hydra and the log left in the folder of a job that leaves nothing behind."""
    shutil.rmtree(folder / ".hydra", ignore_errors=True)
    for name in (*UNBEGUN, ".lock"):
        (folder / name).unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def find_run(name: str, job: str = "synthesize") -> Path:
    """Return the folder of a run of `job`.

    Args:
        name: its folder under outputs/runs (or any path to it), its MLflow run id, or `last`.
        job: runs of other jobs are not considered.

    Raises:
        ConfigurationError: there is none, or it is one of another job.
    """
    if name != "last":
        for folder in [places.runs() / name, Path(name).expanduser().absolute()]:
            if (folder / SAVED).is_file():
                return _of_job(folder, job)
    folders = _runs_of(job)
    if name == "last" and folders:
        return folders[-1]
    for folder in folders:
        if name in read_lines(folder / MLFLOW_RUN, str):
            return folder
    known = ", ".join(str(folder.relative_to(places.runs())) for folder in folders[:-4:-1])
    there_are = f"the latest are {known}" if known else "there are none yet"
    raise ConfigurationError(f"no {job} run {name!r} in {places.runs()}: {there_are}")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes from working on a run; a synthesis holds the same lock.

    It is released when this process ends in whatever way, kill -9 included.

    Raises:
        ConfigurationError: another process does.
    """
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise ConfigurationError(
            f"{folder} is in use by another process: wait for it, or start a new run"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _unbegun(path: Path) -> bool:
    return path.name in UNBEGUN or path.name.startswith(".")


def _of_job(folder: Path, job: str) -> Path:
    own = Saved.read(folder).job
    if own != job:
        raise ConfigurationError(f"{folder} is a run of {own}, wanted is one of {job}")
    return folder


def _runs_of(job: str) -> list[Path]:
    """Return the folders of a job's runs, oldest first; a damaged record hides its run only."""
    records = [*places.runs().glob(f"*/{SAVED}"), *places.runs().glob(f"*/*/{SAVED}")]
    folders = []
    for path in sorted(records, key=lambda path: path.stat().st_mtime_ns):
        try:
            saved = Saved.read(path.parent)
        except DataError:
            log.warning("passing over a run: %s is damaged", path)
            continue
        if saved.job == job:
            folders.append(path.parent)
    return folders
