"""One candidate from design to evaluation: build, inherit, train, measure, probe."""

import hashlib
import json
import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

import numpy as np
import torch

from gensynth.data.data_module import ImageData, Split
from gensynth.design.space import DesignSpace
from gensynth.distillation import TeacherLogits
from gensynth.errors import DataError
from gensynth.inquisitors.probe import Probe, Stimulus
from gensynth.metrics.metric import Metric
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.hardware import return_freed_memory
from gensynth.network.inheritance import inherit
from gensynth.network.saving import load, save
from gensynth.pairing import Examples, beside, gaps
from gensynth.performance.performance import PerformanceFunction
from gensynth.records import MINUS_PROTOTYPE, Candidate, Evaluation, Fidelity, Response
from gensynth.run_files import NETWORKS, PROGRESS
from gensynth.tasks.bootstrap import Interval
from gensynth.tasks.task import Quality, Task
from gensynth.training import ProgressFile, TimeLimit, Training, evaluate_quality

log = logging.getLogger(__name__)

SEARCH: Split = "search"
CONFIRM: Split = "confirm"
READ: tuple[Split, ...] = (SEARCH, CONFIRM)
"""What is read before the test split opens: every cycle reads the first, nomination the second."""


@final
@dataclass(frozen=True, slots=True)
class Job:
    """A request to evaluate one candidate.

    Args:
        candidate: what to train.
        fidelity: how long.
        split: what to read of it afterwards.
    """

    candidate: Candidate
    fidelity: Fidelity
    split: Split


@final
@dataclass(frozen=True)
class Evaluator:
    """Turns a job into an evaluation; picklable, so that a worker process can hold one.

    Args:
        space: where designs come from.
        data: whose images are learned from and read.
        task: loss and quality.
        training: the recipe.
        prototype: the trained and permuted prototype that children inherit from.
        prototype_examples: per split, what each image contributes to the prototype's measurements.
        metrics: named measurements; a `Metric` looks at the network, a `PerformanceFunction` at
            the measurements before it.
        probes: by name; run on every trained network.
        teacher: the prototype's outputs to distil from, or None.
        folder: the run's folder; long-trained networks are saved below it.
        prototype_digest: digest of the prototype's weights.
        threads: threads that evaluating computes with; results depend on them.
        time_limit_seconds: a long training that takes longer is given up, a short one after its
            share of it; None: none is.
    """

    space: DesignSpace
    data: ImageData
    task: Task
    training: Training
    prototype: GraphNetwork
    prototype_examples: Mapping[Split, Examples]
    metrics: Mapping[str, Metric | PerformanceFunction]
    probes: Mapping[str, Probe]
    teacher: TeacherLogits | None
    folder: Path
    prototype_digest: str
    threads: int
    time_limit_seconds: float | None = None

    def key(self, job: Job) -> str:
        """Return the digest of everything the trained network depends on, and where it is read."""
        parts = {
            "graph": job.candidate.digest,
            "data": self.data.digest,
            "recipe": [self.training.digest, self.task.digest],
            "seed": job.candidate.seed,
            "compared_with": self.prototype_digest,
            "inherited_from": self.prototype_digest if self.training.inherit else None,
            "taught_by": self.prototype_digest if self.teacher else None,
            "fidelity": job.fidelity,
            "split": job.split,
            "threads": self.threads,
            "device": self.data.device.type,
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def __call__(self, job: Job) -> Evaluation:
        """Evaluate one candidate; a failure of it becomes a record with its cause.

        Raises:
            DataError: images are missing, or a file cannot be read or written: no candidate's
                fault, and what a continued run should not find recorded.
        """
        started = time.perf_counter()
        try:
            return self._evaluate(job, started)
        except DataError:
            raise
        except OSError as error:
            raise DataError(
                f"{job.candidate.name} could not be evaluated: {error}; put that right and continue"
                " the run with resume=last"
            ) from error
        except Exception as error:
            log.debug("%s failed", job.candidate.name, exc_info=True)
            cause = f"{type(error).__name__}: {error}".splitlines()[0]
            return self.failure(job, cause, time.perf_counter() - started)

    def failure(self, job: Job, cause: str, seconds: float) -> Evaluation:
        """Record why a candidate has no measurements."""
        return Evaluation(
            job.candidate, self.key(job), job.fidelity, job.split, "failed", cause, seconds=seconds
        )

    def _evaluate(self, job: Job, started: float) -> Evaluation:
        candidate, split = job.candidate, job.split
        kept = self.folder / self._path(replace(job, split=SEARCH))
        promoted = split == CONFIRM and kept.is_file()
        network = load(kept).to(self.data.device) if promoted else self._trained(job)
        quality = evaluate_quality(network, self.task, self.data, split, self.training)
        measurements, errors, intervals = assessed(
            network, quality, self.prototype_examples[split], self.metrics
        )
        probes = {} if promoted else self.probes  # it was probed when it had been trained
        return Evaluation(
            candidate,
            self.key(job),
            job.fidelity,
            split,
            "completed",
            measurements=measurements,
            standard_errors=errors,
            seconds=time.perf_counter() - started,
            responses=probe(network, self.data, self.task, probes, candidate.seed),
            network=self._save(network, job, measurements) if job.fidelity == "long" else "",
            intervals=intervals,
        )

    def _trained(self, job: Job) -> GraphNetwork:
        network = self.build(job.candidate)
        self.training.fit(
            network,
            self.task,
            self.data,
            epochs=self.training.epochs(job.fidelity),
            seed=job.candidate.seed,
            teacher=self.teacher,
            watchers=self._watchers(job),
        )
        return network

    def _watchers(self, job: Job) -> list[ProgressFile | TimeLimit]:
        """Return what a training is watched by: people see its file, and it may be too slow."""
        path = self.folder / PROGRESS / f"{os.getpid()}.json"
        title = f"{job.candidate.name} {job.fidelity}"
        shown = ProgressFile(path, title=title, batch_size=self.training.batch_size)
        if self.time_limit_seconds is None:
            return [shown]
        epochs = self.training.epochs
        share = epochs(job.fidelity) / epochs("long")
        return [shown, TimeLimit(seconds=self.time_limit_seconds * share)]

    def build(self, candidate: Candidate) -> GraphNetwork:
        """Build the candidate's network, freshly initialised or inheriting from the prototype."""
        return child(self.space, candidate, self.prototype if self.training.inherit else None)

    def has_kept(self, evaluation: Evaluation) -> bool:
        """Tell whether the evaluation's network, if it was saved, is still in the run's folder."""
        return not evaluation.network or (self.folder / evaluation.network).is_file()

    def quiet(self) -> "Evaluator":
        """Return an equal evaluator without progress lines: workers' would overwrite each other."""
        return replace(self, training=replace(self.training, progress=False))

    def _save(self, network: GraphNetwork, job: Job, measurements: Mapping[str, float]) -> str:
        path = self._path(job)
        (self.folder / path).parent.mkdir(exist_ok=True)
        metadata = {"measurements": dict(measurements), "data": self.data.describe()}
        save(self.folder / path, network, metadata)
        return str(path)

    def _path(self, job: Job) -> Path:
        return Path(NETWORKS) / f"{job.candidate.name}-{self.key(job)[:8]}.safetensors"


def child(space: DesignSpace, candidate: Candidate, prototype: GraphNetwork | None) -> GraphNetwork:
    """Return the candidate's network: fresh weights, and what it inherits from a prototype."""
    rng = torch.Generator().manual_seed(candidate.seed)
    network = GraphNetwork(space.apply(candidate.design), rng)
    if prototype is not None:
        network.to(next(prototype.parameters()).device)
        inherit(network, prototype)
    return network


def assessed(
    network: GraphNetwork,
    quality: Quality,
    prototype: Examples,
    metrics: Mapping[str, Metric | PerformanceFunction],
) -> tuple[dict[str, float], dict[str, float], dict[str, Interval]]:
    """Return every measurement, standard errors, and intervals, those of differences included.

    Values that images contribute to have a difference to the prototype on the same images.

    Args:
        network: as it was measured.
        quality: of the network.
        prototype: its examples on the same images; without any, nothing is compared.
        metrics: see `measure`.
    """
    measurements = measure(network, quality.values, metrics)
    errors, intervals = beside(quality, prototype)
    errors |= score_errors(measurements, errors, metrics)
    return measurements | gaps(quality.examples, prototype), errors, intervals


def score_errors(
    measurements: Mapping[str, float],
    errors: Mapping[str, float],
    metrics: Mapping[str, Metric | PerformanceFunction],
) -> dict[str, float]:
    """Return the standard errors that scores have from what they are made of, to first order.

    The difference of a score to the prototype's moves as its quality's difference does.

    Args:
        measurements: of one network.
        errors: of its quality, and of the differences to the prototype.
        metrics: those that are scores count.
    """
    found: dict[str, float] = {}
    scores = {n: one for n, one in metrics.items() if isinstance(one, PerformanceFunction)}
    for name, score in scores.items():
        for suffix in ("", MINUS_PROTOTYPE):
            moved = 0.0
            for part in measurements:
                step = errors.get(f"{part}{suffix}", 0.0)
                above = score.score({**measurements, part: measurements[part] + step})
                below = score.score({**measurements, part: measurements[part] - step})
                moved += (float(above - below) / 2) ** 2
            if moved:
                found[f"{name}{suffix}"] = moved**0.5
    return found


def measure(
    network: GraphNetwork,
    quality: Mapping[str, float],
    metrics: Mapping[str, Metric | PerformanceFunction],
) -> dict[str, float]:
    """Return quality and every listed metric; later metrics may use the ones before."""
    measurements = dict(quality)
    for name, metric in metrics.items():
        if isinstance(metric, PerformanceFunction):
            measurements[name] = float(metric.score(measurements))
        else:
            measurements[name] = metric.measure(network, network.graph.input_shape)
    return measurements


def probe(
    network: GraphNetwork, data: ImageData, task: Task, probes: Mapping[str, Probe], seed: int
) -> tuple[Response, ...]:
    """Run every probe on stimuli from the training images; afterwards little memory is kept."""
    if not probes:
        return ()
    return_freed_memory()  # of a training, whose pieces do not fit what is read here
    images, targets = data.stimuli()
    asked = task.asked(targets, data.classes)
    split = Stimulus(images, asked.classes, asked.class_count, asked.values)
    responses: list[Response] = []
    for one in probes.values():
        rng = np.random.default_rng(seed)
        responses += one.respond(network, one.stimuli(split, rng))
    return_freed_memory()
    return tuple(responses)
