"""The job `rerun`: the same synthesis once more, as far as its record tells, and compared."""

import logging
import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from gensynth.errors import ConfigurationError, DataError
from gensynth.jobs import places
from gensynth.jobs.calling import call
from gensynth.jobs.environment import refuse_other_device
from gensynth.jobs.runs import Saved, find_run, recorded
from gensynth.jobs.tables import read_rows
from gensynth.run_files import ENVIRONMENT, RESULT, SAVED
from gensynth.tracking.fetching import fetch

log = logging.getLogger(__name__)

MLFLOW_ID = re.compile(r"[0-9a-f]{32}")


def run(cfg: DictConfig, folder: Path) -> float:
    """Repeat a synthesis in a new folder, and say whether every figure is the same.

    A run is a function of its configuration, precision, threads and workers: with these in its
    folder the new one is continued, from nothing. They are read from the run's folder, or from the
    MLflow store when that is not here. Returns the new run's score.

    Raises:
        ConfigurationError: neither folder nor store has the run, its configuration would be
            another one today, or this machine has another kind of device.
        DataError: the record is damaged.
        NothingMetRequirements: no network met them.
    """
    record = _record(cfg.run, cfg.uri, folder / "original")
    if not (record / ENVIRONMENT).exists():
        raise DataError(f"{record} has no {ENVIRONMENT}: the run never began")
    refuse_other_device(record)
    saved = _moved(Saved.read(record), cfg.data_dir)
    again = places.runs() / places.unique_name()
    again.mkdir()
    shutil.copy(record / ENVIRONMENT, again)
    name = cfg.run if record.parent == folder else record.name
    log.info("repeating %s in %s", name, again)
    data = {} if cfg.data_dir is None else {"data_dir": cfg.data_dir}
    try:
        with recorded(saved, again):
            return call(saved.job, [], {"resume": again, **data}).score
    finally:
        _compare(record, again)


def _record(run: str, uri: str, folder: Path) -> Path:
    """Return a folder that holds what the run was started with."""
    try:
        return find_run(run)
    except ConfigurationError as here:
        if not MLFLOW_ID.fullmatch(run):
            raise
        try:
            fetch(uri, run, [SAVED, ENVIRONMENT], folder, others=[RESULT])
        except ConfigurationError as there:
            raise ConfigurationError(f"{here}; {there}") from there
        return folder


def _moved(saved: Saved, data_dir: str | None) -> Saved:
    """Return the record with the data where they are now."""
    if data_dir is None:
        return saved
    now = str(Path(data_dir).expanduser().absolute())
    config: dict[str, Any] = {**saved.config, "data_dir": now}
    data: Mapping[str, Any] = saved.config["data"]
    if "data_dir" in data:
        config["data"] = {**data, "data_dir": now}
    return replace(saved, config=config)


def _compare(record: Path, again: Path) -> None:
    if not (record / RESULT).exists() or not (again / RESULT).exists():
        return
    before, now = (
        {(row.name, row.split): row for row in read_rows(one)} for one in (record, again)
    )
    other = [key for key in {**before, **now} if before.get(key) != now.get(key)]
    if other:
        named = ", ".join(f"{name} ({split})" for name, split in other)
        log.warning("other figures than in %s: %s", record / RESULT, named)
    else:
        log.info("every figure is the same as in %s", record / RESULT)
