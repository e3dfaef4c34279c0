"""A table whose cells are coloured by a number: for choices and their options."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from gensynth.report.style import SEQUENCE, ink_on, styled

MOST_ROWS = 60
"""Rows that a figure holds legibly."""
ROW, NAMES, AROUND = 0.2, 3.0, 1.3
"""Inches: of a row, for names, and for the colour bar."""
CHARACTER = 0.0088
"""Inches across of a character, about, for every point of its size."""
TEXT = 6.5


@final
@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Args:
        value: what colours it.
        text: what is written in it.
    """

    value: float
    text: str


@styled
def heat_table(
    rows: Sequence[tuple[str, Sequence[Cell | None]]],
    *,
    columns: Sequence[str],
    below: str,
    quantity: str,
    scale: tuple[float, float],
    cell: float = 0.8,
    colours: str = SEQUENCE,
) -> Figure:
    """Draw rows of cells with a colour bar.

    Args:
        rows: name and cells of each, at least one; None: no cell. Rows may be of unequal length.
        columns: what is written below the columns; empty: nothing is.
        below: what the columns are.
        quantity: what the colours mean, with its unit.
        scale: values of the first and the last colour.
        cell: inches across.
        colours: name of a colour map.
    """
    count = max(len(columns), *(len(cells) for _, cells in rows))
    size = (NAMES + AROUND + cell * count, 0.95 + ROW * len(rows))
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    table = np.full((len(rows), count), np.nan)
    for row, (_, cells) in enumerate(rows):
        for column, one in enumerate(cells):
            if one is not None:
                table[row, column] = one.value
                ink = ink_on(colormaps[colours](Normalize(*scale)(one.value)))
                _write(axes, row, column, one.text, cell, ink)
    image = axes.pcolormesh(
        table, cmap=colours, vmin=scale[0], vmax=scale[1], edgecolors="white", linewidth=0.8
    )
    axes.set_yticks(np.arange(len(rows)) + 0.5, [name for name, _ in rows], fontsize=TEXT)
    axes.set_xticks(np.arange(len(columns)) + 0.5, columns)
    axes.set_ylim(len(rows), 0)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel(below)
    bar = figure.colorbar(image, ax=axes, shrink=min(1.0, 12 / len(rows)), aspect=20)
    bar.set_label(quantity)
    return figure


def _write(axes: Axes, row: int, column: int, text: str, width: float, ink: str) -> None:
    fitting = 0.95 * width / (CHARACTER * max(1, len(text)))
    axes.text(
        column + 0.5,
        row + 0.5,
        text,
        ha="center",
        va="center_baseline",
        fontsize=min(TEXT, fitting),
        color=ink,
        in_layout=False,
    )
