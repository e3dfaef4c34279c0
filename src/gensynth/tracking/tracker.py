"""The contract of trackers: where people watch a synthesis, and compare runs afterwards."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from gensynth.graph.graph import Graph
from gensynth.records import Evaluation

Ending = Literal["finished", "failed", "interrupted"]


class Tracker(ABC):
    """Takes note of a run; a run never fails because its tracker does.

    Called by one process, in this order: `start`; any of the others; `finish`. A run that is
    continued starts again with the same folder, and may report again what it reported before.
    """

    @abstractmethod
    def start(self, folder: Path, config: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        """Open the run, or reopen the one that was started with this folder.

        Args:
            folder: the run's; its name becomes the run's name.
            config: the composed configuration, as plain data.
            tags: short texts to filter runs by, such as the chosen option of each group.

        Raises:
            ConfigurationError: the store cannot be opened; nothing has been computed yet.
        """

    @abstractmethod
    def candidate(
        self, evaluation: Evaluation, design: Mapping[str, Any], figures: Mapping[str, float]
    ) -> None:
        """Take note of one evaluated network, at either fidelity, completed or failed.

        Args:
            evaluation: measurements, or the cause of a failure.
            design: choice to chosen option.
            figures: further numbers with the unit in the name: score, requirement margins,
                what the inquisitor expected.
        """

    @abstractmethod
    def cycle(self, cycle: int, figures: Mapping[str, float], records: Mapping[str, Any]) -> None:
        """Take note of a finished cycle.

        Args:
            cycle: from 0; figures become curves over it.
            figures: numbers with the unit in the name, such as the best score so far.
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
    def artifact(self, path: Path) -> None:
        """Keep a copy of a file of the run: a table, a figure."""

    @abstractmethod
    def finish(self, ending: Ending, figures: Mapping[str, float]) -> None:
        """Close the run with its final numbers (unit in the name)."""
