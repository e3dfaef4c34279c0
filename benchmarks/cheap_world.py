"""CIFAR-10 made cheap: 10,000 images, three epochs a network, one at a time."""

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any, final

from omegaconf import DictConfig, OmegaConf
from prunable import prunable
from pruners import PRUNERS
from search_controls import SEARCHES
from search_methods import Row
from sight import AssemblySight

from gensynth.evaluation import CONFIRM, READ, SEARCH, Job, assessed
from gensynth.generators.generator import Generator
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.jobs.assembly import assemble
from gensynth.jobs.build import build
from gensynth.jobs.calling import UNHEARD
from gensynth.jobs.prepare import prepare, probes_of, prototype_source
from gensynth.jobs.running import start
from gensynth.journal import Journal
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import save
from gensynth.recording import Recording
from gensynth.records import Candidate, Evaluation, Fidelity
from gensynth.training import evaluate_quality

PROTOTYPE = Path(__file__).parent / "networks" / "cheap_level_prototype.safetensors"
CHEAP = [
    "experiment=cifar10",
    "data.train_images=10000",
    "training.short_epochs=3",
    "training.long_epochs=3",
    "training.prototype_epochs=15",
    "training.precision=float32",
    "training.progress=false",
    "executor=this_process",
    "executor.threads=1",
]
METHODS = {
    "random": ["inquisitor=random"],
    "uniform": ["generator=uniform", "inquisitor=blind"],
    "blind": ["inquisitor=blind"],
    "mutual_info": ["inquisitor=mutual_info"],
    "effective_rank": ["inquisitor=effective_rank"],
    "taylor": ["inquisitor=taylor"],
    "all-probes": [
        "inquisitor=mutual_info",
        "+probe@inquisitor.probes.effective_rank=effective_rank",
        "+probe@inquisitor.probes.taylor=taylor",
    ],
    "hierarchical": ["generator=hierarchical", "inquisitor=mutual_info"],
    "hierarchical-blind": ["generator=hierarchical", "inquisitor=blind"],
    "inheritance": ["inquisitor=mutual_info", "training.inherit=true"],
    "no-distillation": ["inquisitor=mutual_info", "task.distillation_weight=0"],
    "no-operations": ["inquisitor=mutual_info", "design.operations=[dense]"],
    "no-dropped-blocks": ["inquisitor=mutual_info", "design.keep=false"],
    "no-downsampling": ["inquisitor=mutual_info", "design.downsampling=false"],
    **{control: ["inquisitor=random"] for control in (*SEARCHES, *PRUNERS)},
}
PARTS = ("generator", "inquisitor", "task", "training", "design", "data", "performance", "metrics")
"""Of the configuration: what a search depends on."""


@final
class CheapLevel:
    """The prototype, the designs and what trains them, as a method's overrides describe them.

    Args:
        method: one of `METHODS`.
        aim: accuracy, percent, that is required on search images.
        folder: keeps what was trained.
        overrides: more of them.
    """

    def __init__(
        self, method: str, aim: float, folder: Path, overrides: Sequence[str] = ()
    ) -> None:
        cfg = configuration(method, aim, overrides)
        self._cfg, self._assembly = cfg, assemble(cfg)
        self._prepared = prepare(self._assembly, probes_of(cfg), prototype_source(cfg))
        self.prototype = self._prepared.evaluation
        self.space, self.performance = self._assembly.space, self._assembly.performance
        evaluator = self._prepared.evaluator(self._assembly, probes_of(cfg), folder)
        journal = Journal(folder / "journal.jsonl")
        self._evaluate = Recording(evaluator, self._assembly.executor, journal, lambda _: None)
        self.trained: list[Row] = []

    def generator(self) -> Generator:
        """Return the configured generator at its first theta_G."""
        generator: Generator = build(self._cfg.generator, self.space, None)
        return generator

    def inquisitor(self) -> Inquisitor:
        """Return the configured inquisitor, that has seen nothing."""
        found = self._assembly.requirements.resolve(self.prototype.measurements)
        inquisitor: Inquisitor = build(
            self._cfg.inquisitor, self.space, found, self.performance, None
        )
        return inquisitor

    def seen_prototype(self) -> Evaluation:
        """Return the prototype as search images see it.

        A search that is told of a network's lead over the prototype then takes it for what the
        network has on the search images.
        """
        a, network = self._assembly, self._prepared.network
        quality = evaluate_quality(network, a.task, a.data, SEARCH, a.training)
        measurements, errors, intervals = assessed(network, quality, {}, a.metrics)
        return replace(
            self.prototype,
            split=SEARCH,
            measurements=measurements,
            standard_errors=errors,
            intervals=intervals,
        )

    def train(self, candidate: Candidate) -> tuple[Evaluation, Mapping[str, float]]:
        """Train a network; return what search images say of it, and what confirm images do."""
        # The weights of long trainings are kept: the second reading needs no second training.
        (found,) = self._evaluate([Job(candidate, "long", SEARCH)])
        held_out: Mapping[str, float] = {}
        if found.status == "completed":
            (confirmed,) = self._evaluate([Job(candidate, "long", CONFIRM)])
            held_out = confirmed.measurements
        self._note(found.measurements, held_out, found.seconds, design=list(candidate.design))
        return found, held_out

    def confirmed(self, candidate: Candidate, fidelity: Fidelity) -> Evaluation:
        """Train a network at either fidelity; return what confirm images say of it."""
        (found,) = self._evaluate([Job(candidate, fidelity, CONFIRM)])
        return found

    def prunable(self) -> GraphNetwork:
        """Return the trained prototype as tools that prune can take it."""
        return prunable(self._prepared.network)

    def tune(
        self, network: GraphNetwork, seed: int
    ) -> tuple[Mapping[str, float], Mapping[str, float]]:
        """Train a network for as long as any other, from the weights it has; read it likewise."""
        a, started = self._assembly, perf_counter()
        teacher, epochs = self._prepared.teacher, a.training.epochs("long")
        a.training.fit(network, a.task, a.data, epochs=epochs, seed=seed, teacher=teacher)
        found = {}
        for split in READ:
            quality = evaluate_quality(network, a.task, a.data, split, a.training)
            found[split], _, _ = assessed(
                network, quality, self._prepared.examples[split], a.metrics
            )
        self._note(found[SEARCH], found[CONFIRM], perf_counter() - started)
        return found[SEARCH], found[CONFIRM]

    def sight(self) -> AssemblySight:
        """Return what tools that prune may look at."""
        return AssemblySight(self._assembly)

    @property
    def images_per_training(self) -> int:
        """How many images a network learns from, counted every time."""
        return self._assembly.data.counts["train"] * self._assembly.training.epochs("long")

    def _note(
        self,
        found: Mapping[str, float],
        held_out: Mapping[str, float],
        seconds: float,
        **more: object,
    ) -> None:
        self.trained.append(
            {
                **more,
                "search": found.get("accuracy"),
                "confirm": held_out.get("accuracy"),
                "parameters": found.get("parameters"),
                "macs": found.get("macs"),
                "seconds": round(seconds, 1),
            }
        )


def configuration(
    method: str, aim: float, overrides: Sequence[str] = (), *, own: bool = False
) -> DictConfig:
    """Return the composed configuration of a method; `own`: it trains its prototype itself."""
    found: list[DictConfig] = []

    def note(cfg: DictConfig) -> float:
        found.append(cfg)
        return 0.0

    words = [*CHEAP, *METHODS[method], f"requirements.accuracy.at_least={aim}", *UNHEARD]
    words += [] if own else [f"prototype_checkpoint={PROTOTYPE}"]
    words += overrides
    with tempfile.TemporaryDirectory() as folder:
        start([*words, f"hydra.run.dir={folder}/composed"], note)
    return found[0]


def identity(method: str, floor: float, aim: float, budgets: list[int]) -> str:
    """Return a digest of what a search depends on, but for the code."""
    cfg = configuration(method, aim)
    parts: dict[str, Any] = {
        name: OmegaConf.to_container(cfg[name], resolve=True) for name in PARTS
    }
    parts["data"].pop("data_dir", None)
    if METHODS[method] == ["inquisitor=random"]:
        del parts["inquisitor"]  # what it believes changes nothing
    prototype = hashlib.sha256(PROTOTYPE.read_bytes()).hexdigest()
    aims = [] if method == "random" else [aim]  # it has none
    told = json.dumps([parts, floor, prototype, budgets, *aims], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def make_prototype() -> None:
    """Train the prototype that all methods have."""
    if not PROTOTYPE.exists():
        cfg = configuration("random", 0.0, own=True)
        prepared = prepare(assemble(cfg), {}, prototype_source(cfg))
        PROTOTYPE.parent.mkdir(exist_ok=True)
        save(PROTOTYPE, prepared.network, {"measurements": dict(prepared.evaluation.measurements)})
