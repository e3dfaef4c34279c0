"""Pictures of what reported networks do, kept in the run's folder and noted."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import final

from gensynth.diary import Note, PictureNote
from gensynth.evaluation import CONFIRM
from gensynth.jobs.assembly import Assembly
from gensynth.network.graph_network import GraphNetwork
from gensynth.records import Evaluation
from gensynth.report.picture import write_picture
from gensynth.run_files import PICTURES
from gensynth.training import draw_pictures


@final
@dataclass(frozen=True, slots=True)
class Gallery:
    """Draws one network after the other on the same images of the confirm split.

    Args:
        assembly: task, data and recipe.
        tell: gets a note of every picture.
        folder: the run's; pictures go below it.
    """

    assembly: Assembly
    tell: Callable[[Note], None]
    folder: Path

    def add(self, name: str, evaluation: Evaluation, network: GraphNetwork) -> None:
        """Draw a network, whose evaluation has been noted, under a name."""
        a = self.assembly
        drawn = draw_pictures(network, a.task, a.data, CONFIRM, a.training)
        for what, pixels in drawn.items():
            path = f"{PICTURES}/{name.replace(' ', '_')}-{what}.png"
            write_picture(self.folder / path, pixels)
            self.tell(PictureNote(evaluation, path))
