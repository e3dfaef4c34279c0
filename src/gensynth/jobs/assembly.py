"""From a composed configuration to live objects, in the order in which they need each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from omegaconf import DictConfig, OmegaConf

from gensynth.confirmation import Confirmation
from gensynth.data.data_module import ImageData
from gensynth.design.space import DesignSpace
from gensynth.errors import ConfigurationError
from gensynth.executors.executor import Executor
from gensynth.generators.generator import Designs
from gensynth.graph.graph import Graph
from gensynth.jobs.build import build
from gensynth.metrics.metric import Metric
from gensynth.network.hardware import detect_device
from gensynth.performance.performance import PerformanceFunction
from gensynth.records import MINUS_PROTOTYPE, Evaluation
from gensynth.requirements import Requirements, ResolvedRequirements
from gensynth.tasks.task import Task
from gensynth.training import Training


@final
@dataclass(frozen=True, slots=True)
class Assembly:
    """Everything a job needs that does not depend on trained weights."""

    data: ImageData
    task: Task
    graph: Graph
    space: DesignSpace
    metrics: Mapping[str, Metric | PerformanceFunction]
    performance: PerformanceFunction
    requirements: Requirements
    training: Training
    executor: Executor

    @property
    def columns(self) -> frozenset[str]:
        """Measurements that tables show: what the task is judged by, and all that is required."""
        differences = [f"{name}{MINUS_PROTOTYPE}" for name in self.task.headline]
        required = [one.name for one in self.requirements.requirements]
        return frozenset([*self.task.headline, *differences, *self.metrics, *required])


@final
@dataclass(frozen=True, slots=True)
class Allowed:
    """Which designs meet the requirements on exact costs."""

    space: DesignSpace
    requirements: ResolvedRequirements

    def __call__(self, designs: Designs) -> NDArray[np.bool_]:
        """Return a mask over (n, choices) designs."""
        costs = self.space.costs(designs)
        mask = np.ones(len(designs), dtype=np.bool_)
        for bound in self.requirements.cheap.bounds:
            value = getattr(costs, bound.name)
            mask &= value >= bound.limit if bound.side == "at_least" else value <= bound.limit
        return mask


def assemble(cfg: DictConfig) -> Assembly:
    """Build the objects of a job that need no training.

    Raises:
        GensynthError: a value is wrong or data are missing; one line says which.
    """
    data: ImageData = build(cfg.data)
    data.to(detect_device())
    task: Task = build(cfg.task)
    if cfg.quality != task.quality:
        raise ConfigurationError(
            f"quality={cfg.quality}: task={cfg.task_name} measures {task.quality}; set that"
        )
    task = task.fitted(data)
    graph: Graph = build(cfg.prototype, data.input_shape, task.output_channels(data.classes))
    performance: PerformanceFunction = build(cfg.performance)
    metrics = {name: build(node) for name, node in cfg.metrics.items()}
    return Assembly(
        data=data,
        task=task,
        graph=graph,
        space=build(cfg.design, graph),
        # The score that is reported is the one that is maximised, not its namesake's.
        metrics={**metrics, performance.name: performance},
        performance=performance,
        requirements=Requirements(plain(cfg.requirements), percent=task.percentages),
        training=build(cfg.training),
        executor=build(cfg.executor),
    )


def confirmation_of(
    requirements: ResolvedRequirements, prototype: Evaluation, assembly: Assembly, z: float
) -> Confirmation:
    """Return the requirements with the margin that this data set's splits call for."""
    counts = assembly.data.counts
    return Confirmation(
        requirements, prototype, counts["confirm"], counts["test"], z, assembly.task.percentages
    )


def plain(node: Any) -> Any:
    """Return a configuration node as plain dicts, lists and values, interpolations resolved."""
    return OmegaConf.to_container(node, resolve=True)
