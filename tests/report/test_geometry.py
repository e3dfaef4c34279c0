"""On paper no boxes overlap, and every edge leads from its source to its target."""

from itertools import combinations, pairwise

import pytest

from gensynth.graph.graph import Graph
from gensynth.report.boxes import boxes
from gensynth.report.geometry import Frame, geometry


def overlap(a: Frame, b: Frame) -> bool:
    across = a.x < b.x + b.width and b.x < a.x + a.width
    return across and a.y < b.bottom and b.y < a.bottom


def crosses(frame: Frame, start: tuple[float, float], end: tuple[float, float]) -> bool:
    (x0, x1), (y0, y1) = sorted((start[0], end[0])), sorted((start[1], end[1]))
    inside = frame.x + 1e-6 < x1 and x0 < frame.x + frame.width - 1e-6
    return inside and frame.y + 1e-6 < y1 and y0 < frame.bottom - 1e-6


@pytest.mark.parametrize("rows", [8, 30, 100])
@pytest.mark.parametrize("name", ["resnet", "refinenet", "detectnet"])
def test_boxes_are_apart_and_inside_and_edges_go_around_them(
    name: str, rows: int, graphs: dict[str, Graph]
) -> None:
    drawn = boxes(graphs[name])
    small = {box.name for box in drawn if box.name.endswith(".add")}
    laid = geometry(drawn, rows=rows, box_width=1.2, small=small)
    assert set(laid.frames) == {box.name for box in drawn}
    for a, b in combinations(laid.frames.values(), 2):
        assert not overlap(a, b)
    for frame in laid.frames.values():
        assert min(frame.x, frame.y) >= 0
        assert frame.x + frame.width <= laid.width
        assert frame.bottom <= laid.height
    assert len(laid.routes) == sum(len(box.inputs) for box in drawn)
    for route in laid.routes:
        source, target = laid.frames[route.source], laid.frames[route.target]
        assert route.points[0] == (source.middle, source.bottom)
        assert route.points[-1] == (target.middle, target.y)
        assert all(0 <= x <= laid.width and 0 <= y <= laid.height for x, y in route.points)
        if len(route.points) > 2:  # a straight one runs through a gap between two rows
            for start, end in pairwise(route.points):
                assert not any(crosses(frame, start, end) for frame in laid.frames.values())
