"""Pictures of what reported networks do, kept in the run's folder and with the tracker."""

from dataclasses import dataclass
from pathlib import Path
from typing import final

from gensynth.evaluation import CONFIRM
from gensynth.jobs.assembly import Assembly
from gensynth.network.graph_network import GraphNetwork
from gensynth.records import Evaluation
from gensynth.report.picture import write_picture
from gensynth.tracking.tracker import Tracker
from gensynth.training import draw_pictures

FOLDER = "pictures"


@final
@dataclass(frozen=True, slots=True)
class Gallery:
    """Draws one network after the other on the same images of the confirm split.

    Args:
        assembly: task, data and recipe.
        tracker: gets every picture.
        folder: the run's; pictures go below it.
    """

    assembly: Assembly
    tracker: Tracker
    folder: Path

    def add(self, name: str, evaluation: Evaluation, network: GraphNetwork) -> None:
        """Draw a network, whose evaluation the tracker knows, under a name."""
        a = self.assembly
        drawn = draw_pictures(network, a.task, a.data, CONFIRM, a.training)
        for what, pixels in drawn.items():
            path = self.folder / FOLDER / f"{name.replace(' ', '_')}-{what}.png"
            write_picture(path, pixels)
            self.tracker.picture(evaluation, path)
