"""Training and measuring one named network after the other, beside a synthesis's prototype."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import final

import torch

from gensynth.evaluation import CONFIRM, assessed
from gensynth.jobs import places
from gensynth.jobs.named_networks import Named
from gensynth.jobs.past_run import PastRun
from gensynth.jobs.prepare import teacher_of
from gensynth.jobs.rows import Readings, confirm_row
from gensynth.network.digest import weights_digest
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.inheritance import inherit
from gensynth.network.saving import save
from gensynth.pairing import Examples
from gensynth.records import Candidate, Evaluation
from gensynth.report.result_table import Row
from gensynth.training import evaluate_quality

log = logging.getLogger(__name__)

DRAWN = ("seed", "design", "expected")
"""What the file of a generated network says of it that training does not change."""


@final
@dataclass(frozen=True, slots=True)
class Examination:
    """Trains and measures one network after the other; build with `of`.

    Args:
        past: the synthesis whose data, recipe and prototype are used.
        prototype: what each image of the confirm split contributes to its quality.
        readings: of the test split, or None to keep it closed.
        seed: of every training.
        folder: where trained networks are saved.
    """

    past: PastRun
    prototype: Examples
    readings: Readings | None
    seed: int
    folder: Path

    @classmethod
    def of(cls, past: PastRun, readings: Readings | None, seed: int, folder: Path) -> "Examination":
        """Measure the prototype first: all others are compared with it image by image."""
        a = past.assembly
        quality = evaluate_quality(past.prototype, a.task, a.data, CONFIRM, a.training)
        return cls(past, quality.examples, readings, seed, folder)

    @classmethod
    @contextmanager
    def opened(
        cls, past: PastRun, open_test: bool | None, seed: int, folder: Path
    ) -> Iterator["Examination"]:
        """Begin with the test split open or closed; None: as the synthesis had it.

        Raises:
            ConfigurationError: the test split was to be read while another process works on the
                run.
            DataError: the ledger is damaged.
        """
        if not (past.cfg.open_test if open_test is None else open_test):
            yield cls.of(past, None, seed, folder)
            return
        with past.ledger() as ledger:
            readings = Readings.beside(past.prototype, past.assembly, ledger)
            yield cls.of(past, readings, seed, folder)

    def rows(self, one: Named, *, train: bool) -> Iterator[Row]:
        """Yield the network's row on confirm, and on test if that is open."""
        network = self._trained(one) if train else one.network
        evaluation = self._evaluation(network)
        if train:
            self._save(one, network, {"evaluation": json.loads(evaluation.to_json())})
        yield confirm_row(one.name, evaluation, self.past.evaluation, self.past.confirmation)
        if self.readings is not None:
            yield self.readings.row(one.name, network)

    def _trained(self, one: Named) -> GraphNetwork:
        """Train as the synthesis trains what it reports; saved at once, measuring may fail."""
        a = self.past.assembly
        network = self._fresh(one.network) if one.trained else one.network
        start = "anew " if one.trained else ""
        log.info("training %s %sfor %d epochs", one.name, start, a.training.long_epochs)
        teacher = teacher_of(self.past.prototype, a, places.outputs() / "teachers")
        epochs = a.training.long_epochs
        a.training.fit(network, a.task, a.data, epochs=epochs, seed=self.seed, teacher=teacher)
        self._save(one, network, {})
        return network

    def _fresh(self, network: GraphNetwork) -> GraphNetwork:
        """Return the same graph with the weights that a synthesis would start it with."""
        fresh = GraphNetwork(network.graph, torch.Generator().manual_seed(self.seed))
        if self.past.assembly.training.inherit:
            fresh.to(next(self.past.prototype.parameters()).device)
            inherit(fresh, self.past.prototype)
        return fresh

    def _evaluation(self, network: GraphNetwork) -> Evaluation:
        """Measure on the confirm split; which design it is stands in the file, if anywhere."""
        a, split = self.past.assembly, CONFIRM
        quality = evaluate_quality(network, a.task, a.data, split, a.training)
        measurements, errors, intervals = assessed(network, quality, self.prototype, a.metrics)
        return Evaluation(
            Candidate(-1, 0, self.seed, (), network.graph.digest),
            weights_digest(network),
            "long",
            split,
            "completed",
            measurements=measurements,
            standard_errors=errors,
            intervals=intervals,
        )

    def _save(self, one: Named, network: GraphNetwork, measured: dict[str, object]) -> None:
        drawn = {key: one.metadata[key] for key in DRAWN if key in one.metadata}
        facts = {"trained": True, "data": self.past.assembly.data.describe()}
        save(self.folder / f"{one.name}.safetensors", network, {**drawn, **facts, **measured})
