"""The job `sync`: write a run's diary into the MLflow store that a run started now would use."""

import logging
from pathlib import Path

from omegaconf import DictConfig

from gensynth.diary import Diary
from gensynth.errors import ConfigurationError
from gensynth.jobs.build import build
from gensynth.jobs.runs import Saved, alone, find_run
from gensynth.jobs.watch import begin
from gensynth.tracking.mlflow import MlflowTracker
from gensynth.tracking.tracker import Tracker

log = logging.getLogger(__name__)

NAMES = ("experiment", "register")
"""Of the tracking options: where in a store a run belongs, as it was started."""


def run(cfg: DictConfig, folder: Path) -> float:
    """Write every note of a synthesis that the store does not hold yet; return how many there are.

    Raises:
        ConfigurationError: there is no such run, another process is working on it, or the store
            cannot be opened or does not take all.
    """
    del folder  # nothing is left in it
    past = find_run(cfg.run)
    saved = Saved.read(past)
    tracker = _tracker(cfg, saved)
    with alone(past):
        notes = Diary(past).notes()
        begin(tracker, past, saved.config)
        for note in notes:
            tracker.note(note)
        lost = tracker.close()
    if lost:
        raise ConfigurationError(
            f"{lost} of {len(notes)} notes of {past.name} could not be written: say"
            " `gensynth sync` again when the store is back; nothing is written twice"
        )
    log.info("%s: %d notes are in the store", past.name, len(notes))
    return float(len(notes))


def _tracker(cfg: DictConfig, saved: Saved) -> Tracker:
    cfg.task_name = saved.config["task_name"]
    if "system_metrics" in cfg.tracking:
        cfg.tracking.system_metrics = False  # what this machine does now is not the run's doing
    for name in NAMES:
        if name in saved.config["tracking"]:
            cfg.tracking[name] = saved.config["tracking"][name]
    tracker: Tracker = build(cfg.tracking)
    if not isinstance(tracker, MlflowTracker):
        raise ConfigurationError("sync writes into an MLflow store: leave tracking= out")
    return tracker
