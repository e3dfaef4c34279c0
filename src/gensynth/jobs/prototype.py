"""The job `prototype`: make ready what a synthesis with the same settings would start from."""

import logging
from contextlib import closing
from pathlib import Path

from omegaconf import DictConfig

from gensynth.jobs.assembly import assemble
from gensynth.jobs.checks import check_counts
from gensynth.jobs.environment import pin
from gensynth.jobs.past_run import keep_prototype
from gensynth.jobs.prepare import prepare, probes_of, prototype_source
from gensynth.report.result_table import Row, result_table
from gensynth.run_files import PROTOTYPE

log = logging.getLogger(__name__)


def run(cfg: DictConfig, folder: Path) -> float:
    """Train the prototype unless one like it was trained before; measure, probe and save it.

    Returns its score on the confirm split.

    Raises:
        ConfigurationError: two sources of its weights are named, or its checkpoint does not fit.
        DataError: images or its checkpoint are missing or damaged.
        TrainingFailed: its loss is no number.
    """
    pin(cfg, folder)
    assembly = assemble(cfg)
    check_counts(assembly.data.name, assembly.data.counts)
    with closing(assembly.executor):
        prepared = prepare(assembly, probes_of(cfg), prototype_source(cfg))
    keep_prototype(folder, prepared.network, prepared.evaluation)
    e = prepared.evaluation
    row = Row("prototype", e.split, e.measurements, e.standard_errors, {}, "", e.intervals)
    log.info("%s\n%s", folder / PROTOTYPE, result_table([row], assembly.columns))
    return e.measurements[assembly.performance.name]
