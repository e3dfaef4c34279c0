"""The job `generate`: draw different networks from a learned generator."""

import json
import logging
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from gensynth.errors import ConfigurationError
from gensynth.evaluation import child
from gensynth.inquisitors.logit import interval_percent
from gensynth.jobs.draws import Draws, Expected
from gensynth.jobs.examination import Examination
from gensynth.jobs.named_networks import Named
from gensynth.jobs.past_run import PastRun
from gensynth.jobs.tables import write_result
from gensynth.journal import write_whole
from gensynth.network.saving import save
from gensynth.report.drawing import draw_networks
from gensynth.report.result_table import Row, result_table
from gensynth.report.style import svg

log = logging.getLogger(__name__)

GENERATED = "generated.json"
PROBABILITY = "probability"
"""Column of the predicted probability that all requirements hold."""


def run(cfg: DictConfig, folder: Path) -> float:
    """Draw `networks` designs that differ in their graphs and are likely to meet the requirements.

    Each is saved with the weights it inherits from the prototype, beside its graph as JSON and a
    drawing. With `train` it is trained and measured as the job `evaluate` does; otherwise the table
    has what is predicted of it. Returns how many were found.

    Raises:
        ConfigurationError: `attempts` seeds did not give as many such networks, or the test split
            was to be read while another process works on the run.
        DataError: the run has no learned generator yet.
        TrainingFailed: a network's loss is no number.
    """
    _check(cfg)
    past = PastRun.open(cfg.run, cfg.data_dir)
    space, least = past.assembly.space, cfg.least_probability
    draws = Draws(space, past.generator(), past.allowed, past.inquisitor(), least)
    found = draws.find(cfg.networks, cfg.attempts, cfg.seed)
    tried = found[-1].candidate.index + 1
    log.info("%d networks from %d seeds of %s", len(found), tried, past.folder.name)
    drawn = [_kept(past, one, folder) for one in found]
    rows = [_row(past, one, named) for one, named in zip(found, drawn, strict=True)]
    listed = [{"name": one.name, **one.metadata} for one in drawn]
    summary = {"run": past.folder.name, "seeds_tried": tried, "networks": listed}
    write_whole(folder / GENERATED, json.dumps(summary, indent=1))
    columns = {*past.assembly.columns, PROBABILITY}
    write_result(folder, rows, columns)
    if cfg.train:
        with Examination.opened(past, cfg.open_test, cfg.training_seed, folder) as examination:
            for named in drawn:
                for row in examination.rows(named, train=True):
                    rows.append(row)
                    write_result(folder, rows, columns)
    log.info("%s\nsaved in %s", result_table(rows, columns), folder)
    return float(len(found))


def _check(cfg: DictConfig) -> None:
    for name in ("networks", "attempts"):
        if cfg[name] < 1:
            raise ConfigurationError(f"{name}={cfg[name]} must be 1 or more")
    if not 0 <= cfg.least_probability <= 1:
        raise ConfigurationError(
            f"least_probability={cfg.least_probability} must be from 0 to 1; 0 lets every network"
            " pass that meets the requirements on exact costs"
        )


def _kept(past: PastRun, one: Expected, folder: Path) -> Named:
    """Build a network, save it with what is known of it, and draw it beside the prototype."""
    a, candidate = past.assembly, one.candidate
    network = child(a.space, candidate, past.prototype if a.training.inherit else None)
    metadata: dict[str, Any] = {
        "seed": candidate.seed,
        "design": a.space.describe(candidate.design),
        "expected": {
            a.task.quality: one.quality,
            "parameters": float(network.graph.parameters),
            "macs": float(network.graph.macs),
            a.performance.name: one.utility,
            PROBABILITY: one.probability,
        },
        "trained": False,
        "data": a.data.describe(),
    }
    name = f"drawn-{candidate.digest[:8]}"
    write_whole(folder / f"{name}.graph.json", network.graph.to_json())
    drawing = draw_networks(a.graph, network.graph, names=("prototype", name))
    write_whole(folder / f"{name}.svg", svg(drawing))
    save(folder / f"{name}.safetensors", network, metadata)
    return Named(name, network, metadata)


def _row(past: PastRun, one: Expected, named: Named) -> Row:
    a, expected = past.assembly, named.metadata["expected"]
    low, high = interval_percent(one.quality, one.deviation)
    ends = [float(a.performance.score({**expected, a.task.quality: end})) for end in (low, high)]
    return Row(
        named.name,
        "expected",
        expected,
        {},
        past.confirmation.requirements.cheap.margins(expected),
        intervals={a.task.quality: (low, high), a.performance.name: (ends[0], ends[1])},
    )
