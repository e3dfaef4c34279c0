"""The contract of trackers: where people watch a synthesis, and compare runs afterwards."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from gensynth.graph.graph import Graph
from gensynth.records import Evaluation

Ending = Literal["finished", "failed", "interrupted"]
Role = Literal[
    "prototype",
    "candidate",
    "promoted",
    "finalist",
    "uniform candidate",
    "uniform promoted",
    "uniform finalist",
]
"""What a network is to the run: a candidate was trained short, a promoted one long while the search
went on, a finalist is long-trained and read on the confirm split; those that are `uniform` belong
to the control."""


class Tracker(ABC):
    """Takes note of a run; a run never fails because its tracker does.

    Called by one process, in this order: `start`; any of the others; `finish`. A run that is
    continued starts again with the same folder, and may report again what it reported before.
    """

    @abstractmethod
    def start(
        self, folder: Path, name: str, config: Mapping[str, Any], tags: Mapping[str, str]
    ) -> None:
        """Open the run, or reopen the one that was started with this folder.

        Args:
            folder: the run's.
            name: what people tell the run by in a list of runs.
            config: the composed configuration, as plain data.
            tags: short texts to filter runs by, such as the chosen option of each group.

        Raises:
            ConfigurationError: the store cannot be opened; nothing has been computed yet.
        """

    @abstractmethod
    def candidate(
        self,
        evaluation: Evaluation,
        role: Role,
        design: Mapping[str, Any],
        figures: Mapping[str, float],
    ) -> None:
        """Take note of one evaluated network, at either fidelity, completed or failed.

        Args:
            evaluation: measurements, or the cause of a failure.
            role: what the network is to the run.
            design: choice to chosen option.
            figures: further numbers with the measurement at the end of their name, such as
                requirement margins.
        """

    @abstractmethod
    def cycle(self, cycle: int, figures: Mapping[str, float], records: Mapping[str, Any]) -> None:
        """Take note of a finished cycle.

        Args:
            cycle: from 0; figures become curves over it.
            figures: numbers with the measurement at the end of their name.
            records: name to JSON-able data: generator and inquisitor state, insights.
        """

    @abstractmethod
    def network(self, evaluation: Evaluation, path: Path, graph: Graph, *, nominated: bool) -> None:
        """Keep a network that will be reported; its evaluation has been noted before.

        Args:
            evaluation: of the network.
            path: its `.safetensors` file.
            graph: its graph, for the shapes of input and outputs.
            nominated: whether it is the run's answer.
        """

    @abstractmethod
    def picture(self, evaluation: Evaluation, path: Path) -> None:
        """Keep a picture of what a network does; its evaluation has been noted before."""

    @abstractmethod
    def artifact(self, path: Path) -> None:
        """Keep a copy of a file of the run: a table, a figure."""

    @abstractmethod
    def finish(self, ending: Ending, figures: Mapping[str, float]) -> None:
        """Close the run with its final numbers, the measurement at the end of their name."""
