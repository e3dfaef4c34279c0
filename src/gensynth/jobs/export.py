"""The job `export`: write named networks as files that run without gensynth."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from omegaconf import DictConfig

from gensynth.errors import ConfigurationError, ExportFailed
from gensynth.evaluation import CONFIRM
from gensynth.export.card import agreement_text, loss_text, misses_text, model_card
from gensynth.export.facts import Facts
from gensynth.export.file_quality import file_qualities
from gensynth.export.network_export import INT8, ONNX, Exported, export_network
from gensynth.export.onnx_file import check_opset
from gensynth.export.packages import check_installed
from gensynth.jobs.examination import Examination
from gensynth.jobs.named_networks import Named, named
from gensynth.jobs.past_run import PastRun
from gensynth.jobs.provenance import candidate_of, design_of, provenance
from gensynth.jobs.rows import Readings
from gensynth.jobs.tables import write_result
from gensynth.journal import Ledger, write_whole
from gensynth.network.digest import weights_digest
from gensynth.network.graph_network import GraphNetwork
from gensynth.report.result_table import Row, result_table
from gensynth.run_files import LEDGER

log = logging.getLogger(__name__)

CHECKED_IMAGES = 64
"""Of the confirm split: what files answer to them is compared with PyTorch."""

CARD = "model_card.md"
FACTS = "export.json"


def run(cfg: DictConfig, folder: Path) -> float:
    """Write each network, with its card, into a folder of its own below `folder`.

    The test split stays closed: a card has test figures where they were read before.

    Returns how many networks were written.

    Raises:
        ConfigurationError: a setting is wrong, packages are missing, no network is named so, or
            one takes other inputs.
        DataError: a file is missing, damaged, or is not a saved network.
        ExportFailed: files answer otherwise than PyTorch; all are written, and their cards say it.
    """
    check_installed()
    check_opset(cfg.opset)
    if cfg.calibration_images < 1:
        raise ConfigurationError(f"calibration_images={cfg.calibration_images} must be 1 or more")
    past = PastRun.open(cfg.run, cfg.data_dir)
    networks = named(past, cfg.networks)
    calibration = cfg.calibration_images if cfg.int8 else 0
    exporter = Exporter(past, Examination.of(past, None, 0, folder), cfg.opset, calibration, folder)
    written: list[Facts] = []
    rows: list[Row] = []
    for one in networks:
        written.append(exporter.facts(one))
        rows += written[-1].rows
        write_result(folder, rows, past.assembly.columns)
    log.info("result\n%s\nin %s", result_table(rows, past.assembly.columns), folder)
    _refuse_misses([facts.exported for facts in written])
    return float(len(written))


@final
@dataclass(frozen=True, slots=True)
class Exporter:
    """Writes one network after the other.

    Args:
        past: the synthesis that they belong to.
        examination: measures them.
        opset: ONNX's operator set.
        calibration: training images to calibrate int8 on; 0: no int8.
        folder: that gets a folder per network.
    """

    past: PastRun
    examination: Examination
    opset: int
    calibration: int
    folder: Path

    def facts(self, one: Named) -> Facts:
        """Write a network's files, measure them, and write what is known of it beside them."""
        a = self.past.assembly
        self._warn(one)
        rows = self._rows(one)
        _, images, _ = a.data.samples(CONFIRM, CHECKED_IMAGES)
        exported = export_network(
            one.network,
            images,
            self.folder / one.name,
            opset=self.opset,
            calibration=a.data.stimuli(self.calibration)[0] if self.calibration else None,
            metadata=one.metadata,
        )
        files = [exported.folder / name for name in (ONNX, INT8)[: 2 if self.calibration else 1]]
        graph, candidate = one.network.graph, candidate_of(self.past, one)
        facts = Facts(
            name=one.name if candidate is None else candidate.name,
            trained=one.trained,
            task=str(self.past.cfg.task_name),
            reading=a.task.reading,
            data=a.data.describe(),
            parameters=graph.parameters,
            macs=graph.macs,
            rows=rows,
            bounds=self.past.confirmation.requirements.bounds,
            exported=exported,
            qualities=file_qualities(files, CONFIRM, task=a.task, data=a.data, training=a.training),
            origin=provenance(self.past, one),
            design=design_of(self.past, one),
        )
        write_whole(exported.folder / FACTS, facts.to_json())
        write_whole(exported.folder / CARD, model_card(facts))
        self._tell(facts)
        return facts

    def _warn(self, one: Named) -> None:
        if not one.trained:
            log.warning("%s is not trained yet: `gensynth evaluate` trains it", one.name)
        noted, own = one.metadata.get("data", {}), self.past.assembly.data
        if noted.get("digest", own.digest) != own.digest:
            log.warning(
                "%s was not trained on the data of this synthesis, which its card describes, but on"
                " %s", one.name, noted.get("name"),
            )  # fmt: skip

    def _rows(self, one: Named) -> tuple[Row, ...]:
        """Return what is measured on confirm, and on test if that was read before."""
        rows = list(self.examination.rows(one, train=False))
        readings = _known_readings(self.past, one.network)
        if readings is not None:
            rows.append(readings.row(one.name, one.network))
        return tuple(rows)

    def _tell(self, facts: Facts) -> None:
        exported, quality = facts.exported, self.past.assembly.task.quality
        lines = [
            f"  {file.name}, {file.size_bytes:,} bytes"
            + ("" if file.agreement is None else f", differs by {agreement_text(file)}")
            for file in exported.files
        ]
        lines += [
            f"  {one.row.name} has {quality} {one.row.measurements[quality]:.2f} on {CONFIRM},"
            f" {loss_text(one, quality)} below {ONNX}"
            for one in facts.qualities
            if one.losses
        ]
        for file, missed in facts.missed_by_files.items():
            log.warning("%s of %s misses %s", file, facts.name, misses_text(missed))
        told = "\n".join(lines)
        log.info(
            "exported %s, opset %d, to %s\n%s", facts.name, exported.opset, exported.folder, told
        )


def _known_readings(past: PastRun, network: GraphNetwork) -> Readings | None:
    """Return the test split's readings if this network and the prototype have been read before.

    Nothing is read anew then, so that the ledger needs no lock.
    """
    ledger = Ledger(past.folder / LEDGER)
    if None in (ledger.find(weights_digest(one)) for one in (past.prototype, network)):
        return None
    return Readings.beside(past.prototype, past.assembly, ledger)


def _refuse_misses(written: Sequence[Exported]) -> None:
    missed = [f"{one.folder / name}" for one in written for name in one.missed]
    if missed:
        raise ExportFailed(
            f"not what PyTorch computes: {', '.join(missed)}; do not ship them, their cards say how"
            " far they are off; another opset may do better"
        )
