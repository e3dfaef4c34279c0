"""Paper for drawings: networks laid out alike, side by side, with text in their boxes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from gensynth.report.boxes import Box
from gensynth.report.geometry import Frame, Geometry, Route, geometry
from gensynth.report.style import BLACK, GREY

ROWS = 40
"""Layers in a column; a network with more of them is folded."""
PAGE, WIDEST, NARROWEST = 10.5, 2.2, 1.2
"""Inches: what panels share, and what a box may take of it."""
TITLE, LEGEND, BETWEEN, MARGIN = 0.5, 0.55, 0.35, 0.1
"""Inches above and below the panels, between them, and left of their titles."""
TEXT = 6.5
"""Points of the text in boxes, where it fits."""
INCHES_PER_POINT = 0.0086
"""Width of a character, about, for every point of its size."""
LEFT_BAR = 0.05
"""Inches: height of the bar that says how many parameters are left."""

Labels = Mapping[str, "Label"]
Head = tuple[str, str]
"""Two lines above a panel."""


@final
@dataclass(frozen=True, slots=True)
class Label:
    """What a box shows.

    Args:
        lines: of text; empty ones are left out.
        colour: of the box.
        ink: of the text.
        bold: whether its border is thick.
        gone: whether it was dropped.
        left: share of the prototype's parameters, drawn as a bar; None: no bar.
    """

    lines: tuple[str, ...]
    colour: str = "white"
    ink: str = BLACK
    bold: bool = False
    gone: bool = False
    left: float | None = None


@final
@dataclass(frozen=True, slots=True)
class Sheet:
    """Panels with boxes in the same places.

    Args:
        geometry: of one panel.
        panels: how many there will be.
    """

    geometry: Geometry
    panels: int

    @classmethod
    def of(cls, boxes: Sequence[Box], small: Collection[str], *, panels: int) -> "Sheet":
        """Lay boxes out so that the panels fit on a page, as far as text stays legible.

        Args:
            boxes: each after those that it reads.
            small: those with one line of text.
            panels: how many there will be.
        """
        bare = geometry(boxes, rows=ROWS, box_width=0.0, small=small)
        probe = geometry(boxes, rows=ROWS, box_width=1.0, small=small)
        across = max(1.0, probe.width - bare.width)
        width = (PAGE / panels - bare.width) / across
        fitting = min(WIDEST, max(NARROWEST, width))
        return cls(geometry(boxes, rows=ROWS, box_width=fitting, small=small), panels)

    def figure(self, panels: Sequence[tuple[Head, Labels]]) -> Figure:
        """Draw one panel for every head and the labels of all boxes."""
        g = self.geometry
        width = max(self.panels * g.width + (self.panels - 1) * BETWEEN, 4.5)
        height = TITLE + g.height + LEGEND
        figure = Figure(figsize=(width, height))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, width)
        axes.set_ylim(g.height + LEGEND, -TITLE)
        axes.set_axis_off()
        for number, ((name, size), labels) in enumerate(panels):
            x = number * (g.width + BETWEEN)
            axes.text(x + MARGIN, -0.25, name, fontsize=9, fontweight="bold")
            axes.text(x + MARGIN, -0.07, size, fontsize=7.5)
            for route in g.routes:
                _draw_route(axes, x, route, labels)
            for box, frame in g.frames.items():
                _draw_box(axes, x, frame, labels[box])
        return figure


def _draw_route(axes: Axes, left: float, route: Route, labels: Labels) -> None:
    gone = labels[route.source].gone or labels[route.target].gone
    axes.plot(
        [left + x for x, _ in route.points],
        [y for _, y in route.points],
        color=GREY,
        linewidth=0.8,
        linestyle=(0, (2, 2)) if gone else "-",
        zorder=1,
    )


def _draw_box(axes: Axes, left: float, frame: Frame, label: Label) -> None:
    corner = (left + frame.x, frame.y)
    axes.add_patch(
        Rectangle(
            corner,
            frame.width,
            frame.height,
            facecolor=label.colour,
            edgecolor=GREY if label.gone else BLACK,
            linestyle=(0, (3, 2)) if label.gone else "-",
            linewidth=1.8 if label.bold else 0.7,
            zorder=2,
        )
    )
    room = frame.height
    if label.left is not None:
        room -= LEFT_BAR
        bar = (left + frame.x, frame.y + room)
        length = frame.width * min(1.0, label.left)
        axes.add_patch(Rectangle(bar, length, LEFT_BAR, facecolor=BLACK, linewidth=0, zorder=3))
    lines = [line for line in label.lines if line]
    for number, line in enumerate(lines):
        fitting = frame.width * 0.96 / (INCHES_PER_POINT * max(1, len(line)))
        axes.text(
            left + frame.middle,
            frame.y + room * (number + 0.5) / len(lines),
            line,
            fontsize=min(TEXT, fitting),
            color=label.ink,
            ha="center",
            va="center_baseline",
            zorder=4,
        )
