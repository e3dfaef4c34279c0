"""No tracking: the run's own folder is the only record."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

from gensynth.graph.graph import Graph
from gensynth.records import Evaluation
from gensynth.tracking.tracker import Ending, Role, Tracker


@final
class NoTracker(Tracker):
    """Takes note of nothing."""

    def start(
        self, folder: Path, name: str, config: Mapping[str, Any], tags: Mapping[str, str]
    ) -> None:
        """Do nothing."""

    def candidate(
        self,
        evaluation: Evaluation,
        role: Role,
        design: Mapping[str, Any],
        figures: Mapping[str, float],
    ) -> None:
        """Do nothing."""

    def cycle(self, cycle: int, figures: Mapping[str, float], records: Mapping[str, Any]) -> None:
        """Do nothing."""

    def network(self, evaluation: Evaluation, path: Path, graph: Graph, *, nominated: bool) -> None:
        """Do nothing."""

    def picture(self, evaluation: Evaluation, path: Path) -> None:
        """Do nothing."""

    def artifact(self, path: Path) -> None:
        """Do nothing."""

    def finish(self, ending: Ending, figures: Mapping[str, float]) -> None:
        """Do nothing."""
