"""Make the prototype ready: train or load it, measure it, probe it, permute it, let it teach."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from omegaconf import DictConfig

from gensynth.data.data_module import Split
from gensynth.distillation import TeacherLogits
from gensynth.errors import ConfigurationError
from gensynth.evaluation import CONFIRM, READ, Evaluator, assessed, probe
from gensynth.inquisitors.probe import Probe
from gensynth.jobs import places
from gensynth.jobs.assembly import Assembly
from gensynth.jobs.build import build
from gensynth.network.digest import weights_digest
from gensynth.network.graph_network import GraphNetwork
from gensynth.pairing import Examples
from gensynth.records import Candidate, Evaluation
from gensynth.tasks.task import Quality
from gensynth.trained_prototype import given_prototype, permuted_prototype, trained_prototype
from gensynth.training import evaluate_quality


@final
@dataclass(frozen=True, slots=True)
class Prepared:
    """The prototype, ready to be inherited from, compared with and learned from.

    Args:
        network: trained, its channels permuted by what probing found.
        digest: of its weights.
        evaluation: on the confirm split, with what probing revealed.
        examples: per split, what each image contributes to its measurements.
        teacher: its lessons on the training images; None: the task learns from targets alone.
    """

    network: GraphNetwork
    digest: str
    evaluation: Evaluation
    examples: Mapping[Split, Examples]
    teacher: TeacherLogits | None

    def evaluator(
        self,
        a: Assembly,
        probes: Mapping[str, Probe],
        folder: Path,
        time_limit_seconds: float | None = None,
    ) -> Evaluator:
        """Return what evaluates candidates that start from this prototype."""
        return Evaluator(
            space=a.space,
            data=a.data,
            task=a.task,
            training=a.training,
            prototype=self.network,
            prototype_examples=self.examples,
            metrics=a.metrics,
            probes=probes,
            teacher=self.teacher,
            folder=folder,
            prototype_digest=self.digest,
            threads=a.executor.threads,
            time_limit_seconds=time_limit_seconds,
        )


@final
@dataclass(frozen=True, slots=True)
class PrototypeSource:
    """Where the prototype's weights come from.

    Args:
        cache: folder of prototypes trained before, shared by all runs.
        teachers: folder of their outputs, likewise.
        seed: of its training; not the run seed, so that runs that differ in theirs share one.
        pretrained: its training starts with published weights of the encoder.
        checkpoint: the user's own trained prototype, or None to train it.
    """

    cache: Path
    teachers: Path
    seed: int
    pretrained: bool
    checkpoint: Path | None


def probes_of(cfg: DictConfig) -> dict[str, Any]:
    """Build the probes that the configured inquisitor will ask with."""
    return {name: build(node) for name, node in (cfg.inquisitor.get("probes") or {}).items()}


def prototype_source(cfg: DictConfig) -> PrototypeSource:
    """Return where the prototype's weights come from; caches are shared by all runs.

    Raises:
        ConfigurationError: two sources are named.
    """
    given = cfg.prototype_checkpoint
    if given and cfg.prototype_pretrained:
        raise ConfigurationError(
            f"prototype_checkpoint={given} is trained already, and prototype_pretrained=true says "
            "how to begin its training: leave one of the two out"
        )
    return PrototypeSource(
        cache=places.outputs() / "prototypes",
        teachers=places.outputs() / "teachers",
        seed=cfg.prototype_seed,
        pretrained=cfg.prototype_pretrained,
        checkpoint=Path(given) if given else None,
    )


def prepare(assembly: Assembly, probes: Mapping[str, Probe], source: PrototypeSource) -> Prepared:
    """Return the prepared prototype; trained only when it is not in the cache or given."""
    a = assembly
    if source.checkpoint is not None:
        raw = given_prototype(a.graph, source.checkpoint)
    else:
        raw = trained_prototype(
            a.graph,
            a.data,
            a.task,
            a.training,
            folder=source.cache,
            seed=source.seed,
            pretrained=source.pretrained,
        )
    raw.to(a.data.device)
    responses = probe(raw, a.data, a.task, probes, source.seed)
    network = permuted_prototype(raw, responses)
    qualities: dict[Split, Quality] = {
        split: evaluate_quality(network, a.task, a.data, split, a.training) for split in READ
    }
    confirm = qualities[CONFIRM]
    measurements, errors, intervals = assessed(network, confirm, {}, a.metrics)
    digest = weights_digest(network)
    evaluation = Evaluation(
        Candidate(-1, 0, source.seed, a.space.prototype_design, a.graph.digest),
        digest,
        "long",
        CONFIRM,
        "completed",
        measurements=measurements,
        standard_errors=errors,
        responses=probe(network, a.data, a.task, probes, source.seed),
        intervals=intervals,
    )
    return Prepared(
        network,
        digest,
        evaluation,
        {split: quality.examples for split, quality in qualities.items()},
        teacher_of(network, a, source.teachers),
    )


def teacher_of(network: GraphNetwork, assembly: Assembly, folder: Path) -> TeacherLogits | None:
    """Return the prototype as a teacher; None when the task learns from targets alone.

    Args:
        network: the prepared prototype.
        assembly: the run's objects.
        folder: of its lessons, shared by all runs.
    """
    a = assembly
    if not a.task.distils:
        return None
    return TeacherLogits(
        network,
        a.task,
        a.data,
        folder,
        batch_size=a.training.batch_size,
        precision=a.training.precision,
        threads=a.executor.threads,
    )
