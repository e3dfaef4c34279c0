"""What a run has left in its folder, as plain data: no data set and no Hydra needed to read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

from gensynth.graph.graph import Graph
from gensynth.records import Evaluation, Foretold, Insight
from gensynth.report.beliefs import Belief
from gensynth.report.result_table import Row
from gensynth.requirements import ResolvedBound

UNIFORM = "uniform "
"""Begins the names of the control's networks in the result table."""


@final
@dataclass(frozen=True, slots=True)
class Cycle:
    """One cycle as it was noted.

    Args:
        number: from 0.
        figures: name to value, such as `expected_accuracy`, `probability_requirements_hold`.
        beliefs: of the generator after it, by choice.
        insights: of the inquisitor after it.
    """

    number: int
    figures: Mapping[str, float] = field(default_factory=dict)
    beliefs: Mapping[str, Belief] = field(default_factory=dict)
    insights: tuple[Insight, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Network:
    """One evaluated network.

    Args:
        evaluation: what was measured of it.
        role: what it was to the run: `candidate`, `uniform finalist`, ...
        design: choice to the chosen option, as text; empty where it was not noted.
    """

    evaluation: Evaluation
    role: str
    design: Mapping[str, str] = field(default_factory=dict)


@final
@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as it was left, finished or not; what is missing is None or empty.

    Args:
        name: of its folder.
        folder: the run's.
        overrides: of the command line, in order.
        config_dir: the folder of somebody's own options; empty without one.
        choices: configuration group to chosen option.
        config: the composed configuration.
        environment: device, precision, threads, versions.
        quality: name of the task's main quality.
        score: name of the performance function's measurement.
        columns: measurements that tables show; empty: all.
        bounds: the requirements in the measurements' units.
        prototype: its evaluation.
        networks: every evaluated network in the order in which they were.
        cycles: in order.
        beliefs: of the generator in the end.
        foretold: what the inquisitor had expected of networks before it learned from them.
        rows: of the result table.
        nominated: name of the nominated network.
        graphs: of the `prototype` and of the `generated` network, `best`, where they are kept.
        counts: images per split.
        options: of every choice of the design space, as text.
        pictures: of reported networks, by name.
        failure: why a job of a sweep failed, else empty.
    """

    name: str
    folder: Path
    overrides: tuple[str, ...]
    config_dir: str
    choices: Mapping[str, str | None]
    config: Mapping[str, Any]
    environment: Mapping[str, Any]
    quality: str
    score: str
    columns: frozenset[str]
    bounds: tuple[ResolvedBound, ...]
    prototype: Evaluation | None
    networks: tuple[Network, ...]
    cycles: tuple[Cycle, ...]
    beliefs: Mapping[str, Belief]
    foretold: tuple[Foretold, ...]
    rows: tuple[Row, ...]
    nominated: str | None
    graphs: Mapping[str, Graph]
    counts: Mapping[str, int]
    options: Mapping[str, tuple[str, ...]]
    pictures: Mapping[str, Path]
    failure: str

    @property
    def task(self) -> str:
        """Name of the task."""
        return str(self.choices.get("task") or self.config.get("task_name", ""))

    @property
    def data(self) -> str:
        """Name of the data set."""
        return str(self.choices.get("data") or "")

    @property
    def seed(self) -> int:
        """The run seed."""
        return int(self.config.get("seed", 0))

    @property
    def trained(self) -> list[Evaluation]:
        """Every evaluation but the prototype's, in order."""
        return [n.evaluation for n in self.networks if n.role != "prototype"]

    @property
    def finished(self) -> bool:
        """Whether it came to a result, with or without a nominated network."""
        return bool(self.rows)

    @property
    def best(self) -> str | None:
        """Name of the nominated network, else of the finalist that came nearest, else None."""
        if self.nominated is not None:
            return self.nominated
        finalists = [row for row in self.of_split("confirm") if is_finalist(row)]
        nearest = max(finalists, key=self._worst, default=None)
        return nearest and nearest.name

    def of_split(self, split: str) -> list[Row]:
        """Return the rows of one split that hold measurements, without those of failed networks."""
        return [row for row in self.rows if row.split == split and row.measurements]

    def row(self, name: str | None, split: str) -> Row | None:
        """Return a network's row, if there is one."""
        return next((row for row in self.of_split(split) if row.name == name), None)

    def best_control(self, split: str) -> Row | None:
        """Return the control's best row: among those that meet the requirements, if any do."""
        control = [row for row in self.of_split(split) if row.name.startswith(UNIFORM)]
        passing = [row for row in control if min(row.margins.values(), default=0.0) >= 0]
        return max(passing, key=lambda row: row.measurements[self.score], default=None)

    def evaluation_of(self, name: str | None) -> Evaluation | None:
        """Return what was measured of a network at its longest training, last read."""
        if name == "prototype":
            return self.prototype
        found = [
            n.evaluation
            for n in self.networks
            if n.evaluation.candidate.name == name and n.evaluation.status == "completed"
        ]
        order = {("short", "search"): 0, ("long", "search"): 1, ("long", "confirm"): 2}
        return max(found, key=lambda e: order.get((e.fidelity, e.split), 0), default=None)

    def probed(self, name: str | None) -> Evaluation | None:
        """Return a network's last evaluation that has responses."""
        if name == "prototype":
            return self.prototype
        found = [n.evaluation for n in self.networks if n.evaluation.candidate.name == name]
        return next((e for e in reversed(found) if e.responses), None)

    def tightest(self, row: Row) -> str | None:
        """Return the requirement with the smallest margin as a share of its bound."""
        return min(row.margins, key=lambda name: self._share(row, name), default=None)

    def _worst(self, row: Row) -> float:
        return min((self._share(row, name) for name in row.margins), default=0.0)

    def _share(self, row: Row, name: str) -> float:
        value = row.measurements.get(name, 0.0)
        sides = [bound for bound in self.bounds if bound.name == name]
        nearer = min(sides, key=lambda bound: bound.margin(value), default=None)
        limit = 0.0 if nearer is None else abs(nearer.limit)
        return row.margins[name] / (limit or 1.0)


def is_finalist(row: Row) -> bool:
    """Whether a row is that of a network which the search found."""
    return row.name != "prototype" and not row.name.startswith(UNIFORM)
