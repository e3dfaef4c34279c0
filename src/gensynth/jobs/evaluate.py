"""The job `evaluate`: train named networks fully, measure them, and read the test split once."""

import logging
from pathlib import Path

from omegaconf import DictConfig

from gensynth.evaluation import CONFIRM
from gensynth.jobs.examination import Examination
from gensynth.jobs.named_networks import named
from gensynth.jobs.past_run import PastRun
from gensynth.jobs.tables import write_result
from gensynth.report.result_table import Row, result_table

log = logging.getLogger(__name__)


def run(cfg: DictConfig, folder: Path) -> float:
    """Train and measure networks with the data, recipe and prototype of a synthesis.

    `train` null trains those that were only generated, from the weights they were drawn with; true
    trains the others too, from the start as the synthesis did, their own weights forgotten; false
    trains none. What was trained is saved in `folder`. result.json there grows with every row, so
    that a failure keeps what was read before it.

    Returns the best score of the performance function on the confirm split; nothing is chosen by
    the test split.

    Raises:
        ConfigurationError: no network is named so, one takes other inputs, or the test split was to
            be read while another process works on the run.
        DataError: a file is missing, damaged, or is not a saved network.
        TrainingFailed: a network's loss is no number.
    """
    past = PastRun.open(cfg.run, cfg.data_dir)
    networks = named(past, cfg.networks)
    rows: list[Row] = []
    with Examination.opened(past, cfg.open_test, cfg.seed, folder) as examination:
        for one in networks:
            train = not one.trained if cfg.train is None else cfg.train
            for row in examination.rows(one, train=train):
                rows.append(row)
                write_result(folder, rows, past.assembly.columns)
    log.info("result\n%s\nin %s", result_table(rows, past.assembly.columns), folder)
    score = past.assembly.performance.name
    return max(row.measurements[score] for row in rows if row.split == CONFIRM)
