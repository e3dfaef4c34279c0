"""A layered layout: every box below those that it reads, long networks folded into columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

from gensynth.report.boxes import Box


@final
@dataclass(frozen=True, slots=True)
class Place:
    """Where a box is drawn.

    Args:
        column: of the folded network, from the left.
        row: in its column, from the top.
        slot: in its row, from the left.
        slots: boxes in its row.
    """

    column: int
    row: int
    slot: int
    slots: int


def layers(boxes: Sequence[Box]) -> dict[str, int]:
    """Return every box's layer, from 0: larger than that of any box it reads.

    A box that is not read sooner waits until it is needed, unless that makes more edges long.

    Args:
        boxes: each after those that it reads.
    """
    layer: dict[str, int] = {}
    readers: dict[str, list[str]] = {box.name: [] for box in boxes}
    for box in boxes:
        layer[box.name] = 1 + max((layer[source] for source in box.inputs), default=-1)
        for source in box.inputs:
            readers[source].append(box.name)
    for box in reversed(boxes):
        if readers[box.name] and len(box.inputs) <= len(readers[box.name]):
            layer[box.name] = min(layer[reader] for reader in readers[box.name]) - 1
    return layer


def places(boxes: Sequence[Box], rows: int) -> dict[str, Place]:
    """Return where boxes are drawn.

    Args:
        boxes: each after those that it reads.
        rows: most in a column, 1 or more; columns are about equally long.
    """
    layer = layers(boxes)
    count = 1 + max(layer.values(), default=0)
    columns = -(-count // rows)
    length = -(-count // columns)
    ordered = _ordered(boxes, layer)
    return {
        name: Place(number // length, number % length, slot, len(names))
        for number, names in enumerate(ordered)
        for slot, name in enumerate(names)
    }


def _ordered(boxes: Sequence[Box], layer: Mapping[str, int]) -> list[list[str]]:
    """Return the names layer by layer, each near those that it reads (barycentres, one sweep)."""
    inputs = {box.name: box.inputs for box in boxes}
    by_layer: list[list[str]] = [[] for _ in range(1 + max(layer.values(), default=0))]
    for box in boxes:
        by_layer[layer[box.name]].append(box.name)
    middle: dict[str, float] = {}
    for names in by_layer:
        names.sort(key=lambda name: _mean([middle[source] for source in inputs[name]]))
        middle.update({name: slot - (len(names) - 1) / 2 for slot, name in enumerate(names)})
    return by_layer


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
