"""A job called from Python: as from the command line, in a process that is somebody else's."""

import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import torch
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from gensynth.errors import ConfigurationError
from gensynth.jobs import places
from gensynth.jobs.arguments import CONFIG_DIR, split, written
from gensynth.jobs.running import current, start, work

log = logging.getLogger(__name__)

UNHEARD = ("hydra.job_logging.root=null", "hydra.hydra_logging.root=null")
"""Overrides that keep Hydra from closing every log handler of the process; see `_logged`."""


@final
@dataclass(frozen=True, slots=True)
class Finished:
    """A job that came to its end.

    Args:
        job: the job word.
        folder: what it left behind.
        score: what it returned.
    """

    job: str
    folder: Path
    score: float


def call(job: str, overrides: Sequence[str], settings: Mapping[str, Any]) -> Finished:
    """Run a job and wait for its end; its log is printed, errors are raised.

    Afterwards the process is as it was: logging, environment, threads, whatever Hydra remembers.

    Args:
        job: the job word.
        overrides: as on the command line, `--config-dir` included.
        settings: further ones, by name; their values are Python's.

    Raises:
        ConfigurationError: an override is a flag that only the command line has.
        GensynthError: what else a user can cause.
    """
    flags, _ = split(overrides)
    others = [one for one in flags if one[0] == "-" and one.partition("=")[0] != CONFIG_DIR]
    if others:
        raise ConfigurationError(
            f"{others[0]} is for the command line; Python takes overrides such as 'seed=1', and a"
            " loop over calls is a sweep"
        )
    words = [job, *overrides, *(written(name, value) for name, value in settings.items())]
    with _left_as_found():
        cfg = _composed([*words, *UNHEARD])
        _, folder = current()
        with _logged(folder):
            try:
                return Finished(job, folder, work(cfg))
            except KeyboardInterrupt:
                if "resume" in cfg:
                    log.warning("interrupted; continue with resume=%s", folder)
                raise


def _composed(words: Sequence[str]) -> DictConfig:
    """Return the configuration; Hydra knows of it as in a job that it runs itself.

    Run by Hydra, an error would come with lines that it prints and frames that are not ours.
    """
    found: list[tuple[DictConfig, Any]] = []

    def note(cfg: DictConfig) -> float:
        found.append((cfg, HydraConfig.instance().cfg))
        return 0.0

    start(words, note)
    ((cfg, hydra),) = found
    HydraConfig.instance().cfg = hydra
    return cfg


@contextmanager
def _left_as_found() -> Iterator[None]:
    own = {name: os.environ.get(name) for name in (places.DATA, places.OUTPUTS)}
    hydra, config, threads = (
        GlobalHydra.instance().hydra,
        HydraConfig.instance().cfg,
        torch.get_num_threads(),
    )
    GlobalHydra.instance().clear()  # that of a program around us, which goes on with it
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        HydraConfig.instance().cfg = config
        GlobalHydra.instance().hydra = hydra
        for name, value in own.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _logged(folder: Path) -> Iterator[None]:
    """Log as on the command line: plain lines on the terminal, full ones in the run's folder.

    Handlers that were there hear nothing meanwhile, so that no line is shown twice.
    """
    config = OmegaConf.load(places.conf() / "hydra" / "job_logging" / "plain.yaml")
    levels = {"": config.root.level, **{k: v.level for k, v in config.loggers.items()}}
    loggers = {name: logging.getLogger(name or None) for name in levels}
    before = {name: logger.level for name, logger in loggers.items()}
    root = loggers[""]
    handlers = root.handlers[:]
    terminal = logging.StreamHandler(sys.stdout)
    terminal.setFormatter(logging.Formatter(config.formatters.plain.format))
    file = logging.FileHandler(folder / "gensynth.log", encoding="utf-8")
    file.setFormatter(logging.Formatter(config.formatters.full.format))
    try:
        root.handlers[:] = [terminal, file]
        for name, level in levels.items():
            loggers[name].setLevel(level)
        yield
    finally:
        root.handlers[:] = handlers
        for name, level in before.items():
            loggers[name].setLevel(level)
        file.close()
