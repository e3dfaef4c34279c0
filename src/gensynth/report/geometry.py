"""From places to inches: where boxes stand on the paper, and which way edges go around them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from gensynth.report.boxes import Box
from gensynth.report.lanes import Edge, is_far, is_short, lanes
from gensynth.report.layers import Place, places

Point = tuple[float, float]

HEIGHT, SMALL_HEIGHT = 0.44, 0.17
"""Inches: of a box with three lines of text, and with one."""
GAP, BESIDE, LANE, STAGGER = 0.14, 0.10, 0.09, 0.02
"""Inches: between rows, between boxes of a row, between lanes, between turns in the same gap."""
TURN = 0.03
"""Inches from a row to the first line that turns below or above it."""


@final
@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle in inches, x from the left and y downwards from the top.

    Args:
        x: of its left side.
        y: of its upper side.
        width: across.
        height: down.
    """

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """X of its centre."""
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        """Y of its lower side."""
        return self.y + self.height


@final
@dataclass(frozen=True, slots=True)
class Route:
    """The way of one edge.

    Args:
        source: box that it leaves.
        target: box that it enters.
        points: corners in inches, from the source's lower side to the target's upper side.
    """

    source: str
    target: str
    points: tuple[Point, ...]


@final
@dataclass(frozen=True, slots=True)
class Geometry:
    """A laid out network.

    Args:
        width: of the whole, in inches.
        height: of the whole, in inches.
        frames: box to its rectangle.
        routes: one per edge.
    """

    width: float
    height: float
    frames: Mapping[str, Frame]
    routes: tuple[Route, ...]


def geometry(
    boxes: Sequence[Box], *, rows: int, box_width: float, small: Collection[str] = ()
) -> Geometry:
    """Lay a network out, layer by layer, in columns; long edges run in lanes beside the boxes.

    Args:
        boxes: each after those that it reads.
        rows: most layers in a column.
        box_width: in inches.
        small: boxes with a single line of text.
    """
    return _Layout(boxes, places(boxes, rows), box_width, small).run()


@final
class _Layout:
    def __init__(
        self,
        boxes: Sequence[Box],
        place: Mapping[str, Place],
        box_width: float,
        small: Collection[str],
    ) -> None:
        self.place, self.box_width, self.small = place, box_width, small
        self.columns = range(1 + max((p.column for p in place.values()), default=-1))
        self.edges = [(source, box.name) for box in boxes for source in box.inputs]
        self.lane_of = lanes(self.edges, place)
        far = [edge for edge in self.edges if is_far(edge, place)]
        self.over = {edge: STAGGER * (number + 1) for number, edge in enumerate(far)}
        self.tops = self.row_tops(GAP + STAGGER * (len(far) + 1))
        self.slots = [max(p.slots for p in place.values() if p.column == c) for c in self.columns]
        self.starts = self.column_starts()

    def run(self) -> Geometry:
        frames = {name: self.frame(name) for name in self.place}
        height = max((frame.bottom for frame in frames.values()), default=0.0) + GAP
        routes = tuple(Route(*edge, self.points(edge, frames)) for edge in self.edges)
        return Geometry(self.starts[-1], height, frames, routes)

    def row_tops(self, top: float) -> dict[tuple[int, int], float]:
        """Return the y of every row's upper side, and of where one more row would begin."""
        tall = {(p.column, p.row) for name, p in self.place.items() if name not in self.small}
        tops: dict[tuple[int, int], float] = {}
        for column in self.columns:
            count = 1 + max(p.row for p in self.place.values() if p.column == column)
            y = top
            for row in range(count):
                tops[column, row] = y
                y += (HEIGHT if (column, row) in tall else SMALL_HEIGHT) + GAP
            tops[column, count] = y
        return tops

    def column_starts(self) -> list[float]:
        starts = [0.0]
        for column, slots in zip(self.columns, self.slots, strict=True):
            boxes = slots * (self.box_width + BESIDE) + BESIDE
            starts.append(starts[-1] + boxes + LANE * (self.lanes_beside(column) + 1))
        return starts

    def lanes_beside(self, column: int) -> int:
        used = [lane for (_, beside), lane in self.lane_of.items() if beside == column]
        return 1 + max(used, default=-1)

    def frame(self, name: str) -> Frame:
        p = self.place[name]
        empty = (self.slots[p.column] - p.slots) / 2
        x = self.starts[p.column] + BESIDE + (empty + p.slot) * (self.box_width + BESIDE)
        room = self.tops[p.column, p.row + 1] - GAP - self.tops[p.column, p.row]
        height = SMALL_HEIGHT if name in self.small else HEIGHT
        return Frame(x, self.tops[p.column, p.row] + (room - height) / 2, self.box_width, height)

    def points(self, edge: Edge, frames: Mapping[str, Frame]) -> tuple[Point, ...]:
        source, target = frames[edge[0]], frames[edge[1]]
        begin, end = (source.middle, source.bottom), (target.middle, target.y)
        if is_short(edge, self.place):
            return begin, end
        a, b = self.place[edge[0]], self.place[edge[1]]
        x, lane = self.lane(edge, a.column)
        below = self.tops[a.column, a.row + 1] - GAP + TURN + STAGGER * (lane % 4)
        way: list[Point] = [begin, (begin[0], below), (x, below)]
        if is_far(edge, self.place):
            far, lane = self.lane(edge, b.column - 1)
            way += [(x, self.over[edge]), (far, self.over[edge])]
            x = far
        above = self.tops[b.column, b.row] - TURN - STAGGER * (lane % 4)
        return (*way, (x, above), (end[0], above), end)

    def lane(self, edge: Edge, column: int) -> tuple[float, int]:
        """Return the x and the number of an edge's lane right of a column."""
        number = self.lane_of[edge, column]
        return self.starts[column + 1] - LANE * (self.lanes_beside(column) - number), number
