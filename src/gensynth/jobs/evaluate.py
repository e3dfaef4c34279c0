"""The job `evaluate`: train named networks fully, measure them, and read the test split once."""

import json
import logging
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from omegaconf import DictConfig

from gensynth.distillation import TeacherLogits
from gensynth.errors import ConfigurationError
from gensynth.evaluation import SPLIT_OF, measure
from gensynth.jobs import places
from gensynth.jobs.conclusion import NETWORK, RESULT
from gensynth.jobs.past_run import LEDGER, PastRun
from gensynth.journal import Ledger, write_whole
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import load, read_metadata, save
from gensynth.reading import read_test
from gensynth.report.result_table import Row, result_table
from gensynth.training import evaluate_quality

log = logging.getLogger(__name__)


def run(cfg: DictConfig, folder: Path) -> float:
    """Train and measure networks with the data, recipe and prototype of a synthesis.

    Returns the best score of its performance function.

    Raises:
        ConfigurationError: no network is named so, or one takes other inputs.
        DataError: a file is missing or is not a saved network.
    """
    past = PastRun.open(cfg.run, cfg.data_dir)
    paths = [found(past, name) for name in cfg.networks] or [past.folder / NETWORK]
    open_test = past.cfg.open_test if cfg.open_test is None else cfg.open_test
    ledger = Ledger(past.folder / LEDGER) if open_test else None
    rows: list[Row] = []
    for path in paths:
        network, metadata = load(path), read_metadata(path)
        check_fits(past, path, network)
        untrained = metadata.get("trained") is False
        if untrained if cfg.train is None else cfg.train:
            log.info("training %s for %d epochs", path.stem, past.assembly.training.long_epochs)
            train(past, network, cfg.seed)
            save(folder / path.name, network, {**metadata, "trained": True})
        rows += measured(past, path.stem, network, ledger)
    write_whole(folder / RESULT, json.dumps([asdict(row) for row in rows], indent=1))
    log.info("result\n%s\nin %s", result_table(rows), folder)
    return max(row.measurements[past.assembly.performance.name] for row in rows)


def found(past: PastRun, name: str) -> Path:
    """Return the file of a network: a path, or the name of one that the synthesis trained long.

    Raises:
        ConfigurationError: there is none.
    """
    path = Path(name).expanduser()
    if path.is_file():
        return path
    kept = sorted((past.folder / "networks").glob("*.safetensors"))
    named = [one for one in kept if one.stem == name or one.stem.rpartition("-")[0] == name]
    if not named:
        there_are = ", ".join(one.stem for one in kept) or "none"
        raise ConfigurationError(
            f"networks: {name!r} is no file, and {past.folder.name} kept {there_are}"
        )
    return named[0]


def check_fits(past: PastRun, path: Path, network: GraphNetwork) -> None:
    """Refuse a network for other data.

    Raises:
        ConfigurationError: its inputs or outputs have other shapes than the prototype's.
    """
    theirs, ours = list(_ends(network)), list(_ends(past.prototype))
    if theirs != ours:
        raise ConfigurationError(
            f"networks: {path} has inputs and outputs of shapes {theirs}, those of"
            f" run={past.folder.name} are {ours}"
        )


def train(past: PastRun, network: GraphNetwork, seed: int) -> None:
    """Train a network in place as the synthesis trains what it reports."""
    a = past.assembly
    teacher = TeacherLogits(
        past.prototype,
        a.data,
        places.outputs() / "teachers",
        batch_size=a.training.batch_size,
        precision=a.training.precision,
        threads=a.executor.threads,
    )
    epochs = a.training.long_epochs
    a.training.fit(network, a.task, a.data, epochs=epochs, seed=seed, teacher=teacher)


def measured(past: PastRun, name: str, network: GraphNetwork, ledger: Ledger | None) -> list[Row]:
    """Return the network's rows: confirm, and test if a ledger is there to enter it."""
    a, requirements = past.assembly, past.confirmation.requirements
    split = SPLIT_OF["long"]
    quality = evaluate_quality(network, a.task, a.data, split, a.training)
    values = measure(network, quality.values, a.metrics)
    rows = [Row(name, split, values, quality.standard_errors, requirements.margins(values))]
    if ledger is not None:
        reading = read_test(network, a.data, a.task, a.training, ledger)
        values = measure(network, reading.values, a.metrics)
        margins = requirements.margins(values)
        rows.append(Row(name, "test", values, reading.standard_errors, margins))
    return rows


def _ends(network: GraphNetwork) -> Iterator[tuple[int, ...]]:
    graph = network.graph
    yield graph.input_shape
    yield from (graph.shapes[vertex] for _, vertex in graph.outputs)
