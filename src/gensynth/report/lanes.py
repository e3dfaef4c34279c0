"""Lanes beside columns of boxes, in which long edges run up or down without meeting."""

from collections.abc import Mapping, Sequence

from gensynth.report.layers import Place

Edge = tuple[str, str]
"""Names of the box that it leaves and of the one that it enters."""

Span = tuple[int, float, float]
"""Column beside which an edge runs, and from which row to which; gaps lie at halves."""


def is_short(edge: Edge, place: Mapping[str, Place]) -> bool:
    """Whether an edge leads to the next row of the same column, so that it needs no lane."""
    a, b = place[edge[0]], place[edge[1]]
    return a.column == b.column and b.row == a.row + 1


def is_far(edge: Edge, place: Mapping[str, Place]) -> bool:
    """Whether an edge passes over a column on its way."""
    return place[edge[1]].column > place[edge[0]].column + 1


def lanes(edges: Sequence[Edge], place: Mapping[str, Place]) -> dict[tuple[Edge, int], int]:
    """Give every long edge a lane, from 0, right of each column beside which it runs.

    Edges in one lane of one column share no row.
    """
    taken: dict[tuple[int, int], list[tuple[float, float]]] = {}
    found: dict[tuple[Edge, int], int] = {}
    for edge in edges:
        for column, first, last in _spans(edge, place):
            lane = 0
            while any(first <= high and low <= last for low, high in taken.get((column, lane), ())):
                lane += 1
            taken.setdefault((column, lane), []).append((first, last))
            found[edge, column] = lane
    return found


def _spans(edge: Edge, place: Mapping[str, Place]) -> list[Span]:
    a, b = place[edge[0]], place[edge[1]]
    leave, enter = a.row + 0.5, b.row - 0.5
    if is_short(edge, place):
        return []
    if is_far(edge, place):
        return [(a.column, -1.0, leave), (b.column - 1, -1.0, enter)]
    return [(a.column, min(leave, enter), max(leave, enter))]
