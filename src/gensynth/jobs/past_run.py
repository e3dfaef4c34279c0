"""A finished or interrupted synthesis, opened again for other jobs."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self, final

from omegaconf import DictConfig, OmegaConf

from gensynth.confirmation import Confirmation
from gensynth.errors import DataError
from gensynth.evaluation import CONFIRM
from gensynth.generators.generator import Generator
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.jobs.assembly import Allowed, Assembly, assemble, confirmation_of
from gensynth.jobs.build import build
from gensynth.jobs.environment import pin
from gensynth.jobs.runs import Saved, alone, find_run
from gensynth.journal import Journal, Ledger, write_whole
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import load, save
from gensynth.records import Evaluation
from gensynth.run_files import GENERATOR, JOURNAL, LEDGER, PROTOTYPE, PROTOTYPE_EVALUATION

ADVICE = "continue it with resume=..."


def keep_prototype(folder: Path, network: GraphNetwork, evaluation: Evaluation) -> None:
    """Write the prepared prototype beside the run.

    Raises:
        DataError: the run was started with another prototype, from which nothing follows that was
            measured so far.
    """
    path = folder / PROTOTYPE_EVALUATION
    if path.exists():
        before = Evaluation.from_json(path.read_text(encoding="utf-8"))
        if before.key != evaluation.key:
            raise DataError(
                f"{folder.name} was started with another prototype (weights {before.key[:12]}, now "
                f"{evaluation.key[:12]}); the one it was started with is {folder / PROTOTYPE}:"
                " put its checkpoint back, or start a new run"
            )
        return
    save(folder / PROTOTYPE, network, {"evaluation": json.loads(evaluation.to_json())})
    write_whole(folder / PROTOTYPE_EVALUATION, evaluation.to_json())


@final
@dataclass(frozen=True, slots=True)
class PastRun:
    """A synthesis as it was left.

    Args:
        folder: the run's.
        cfg: its configuration.
        assembly: its objects.
        prototype: the prepared prototype.
        evaluation: the prototype's.
        confirmation: the requirements with their margin.
    """

    folder: Path
    cfg: DictConfig
    assembly: Assembly
    prototype: GraphNetwork
    evaluation: Evaluation
    confirmation: Confirmation

    @classmethod
    def open(cls, name: str, data_dir: str | None = None) -> Self:
        """Open a synthesis with the precision, threads and workers it was started with.

        Args:
            name: folder name, MLflow run id, or `last`.
            data_dir: where its data are now; None: where they were.

        Raises:
            ConfigurationError: there is no such run.
            DataError: it ended before its prototype was ready.
        """
        folder = find_run(name)
        cfg = OmegaConf.create(dict(Saved.read(folder).config))
        if not (folder / PROTOTYPE_EVALUATION).exists():
            raise DataError(f"{folder} has no prepared prototype yet: {ADVICE}")
        if data_dir is not None and "data_dir" in cfg.data:
            cfg.data.data_dir = data_dir
        pin(cfg, folder)
        assembly = assemble(cfg)
        text = (folder / PROTOTYPE_EVALUATION).read_text(encoding="utf-8")
        evaluation = Evaluation.from_json(text)
        requirements = assembly.requirements.resolve(evaluation.measurements)
        confirmation = confirmation_of(requirements, evaluation, assembly, cfg.confidence_z)
        return cls(folder, cfg, assembly, load(folder / PROTOTYPE), evaluation, confirmation)

    @property
    def allowed(self) -> Allowed:
        """The gate on exact costs."""
        return Allowed(self.assembly.space, self.confirmation.requirements)

    def generator(self) -> Generator:
        """Return the learned generator.

        Raises:
            DataError: the synthesis has not got that far.
        """
        path = self.folder / GENERATOR
        if not path.exists():
            raise DataError(f"{self.folder} has no learned generator yet: {ADVICE}")
        generator: Generator = build(self.cfg.generator, self.assembly.space, self.allowed)
        generator.load_state_dict(json.loads(path.read_text(encoding="utf-8")))
        return generator

    def inquisitor(self, observed: Sequence[Evaluation] | None = None) -> Inquisitor:
        """Return the inquisitor as it was after evaluations; None: all that the run measured."""
        a = self.assembly
        slack = self.confirmation.expected_slack()
        inquisitor: Inquisitor = build(
            self.cfg.inquisitor, a.space, self.confirmation.requirements, a.performance, slack
        )
        inquisitor.observe(self.evaluation, self.evaluation.responses)
        for evaluation in self._measured() if observed is None else observed:
            inquisitor.observe(evaluation, evaluation.responses)
        return inquisitor

    def _measured(self) -> list[Evaluation]:
        # The journal is in order of completion, which no result may depend on; but what became of
        # a design after its long training counts more than what did after the short one.
        done = list(Journal(self.folder / JOURNAL).all())
        done.sort(key=lambda e: (e.fidelity == "long", e.split == CONFIRM, e.key))
        return done

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Open the ledger of test readings, for this process alone.

        Raises:
            ConfigurationError: another process is working on the run.
            DataError: the ledger is damaged.
        """
        with alone(self.folder):
            yield Ledger(self.folder / LEDGER)
