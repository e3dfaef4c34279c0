"""The result of a synthesis as a table a person reads in the terminal."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

Z95 = 1.96


@final
@dataclass(frozen=True, slots=True)
class Row:
    """One network of the table.

    Args:
        name: what it is (`prototype`, a candidate's name, `uniform`).
        split: where its quality was read.
        measurements: name to value.
        standard_errors: of those values that are estimates.
        margins: by how much each requirement holds; negative: it is missed by that much.
        mark: `*` for the nominated network, else empty.
        intervals: 95 % intervals of those values that have them.
    """

    name: str
    split: str
    measurements: Mapping[str, float]
    standard_errors: Mapping[str, float]
    margins: Mapping[str, float]
    mark: str = ""
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def result_table(rows: Sequence[Row], columns: Collection[str] | None = None) -> str:
    """Return aligned plain text: one line per network, measurements in columns, margins last.

    Args:
        rows: from top to bottom.
        columns: measurements to show; None: all.
    """
    every = dict.fromkeys(name for row in rows for name in row.measurements)
    names = [name for name in every if columns is None or name in columns]
    head = ["", "network", "split", *names, "requirement margins"]
    lines = [head, *([row.mark, row.name, row.split, *_cells(row, names)] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cells(row: Row, names: Sequence[str]) -> list[str]:
    values = [value_text(row, name) for name in names]
    margins = ", ".join(f"{name} {margin:+,.4g}" for name, margin in row.margins.items())
    return [*values, margins or "-"]


def value_text(row: Row, name: str) -> str:
    """Return a measurement with its 95 % interval, as people read it; `-` where there is none."""
    if name not in row.measurements:
        return "-"
    value = row.measurements[name]
    if name in row.intervals:
        low, high = row.intervals[name]
        return f"{value:.2f} ({low:.2f} .. {high:.2f})"
    error = row.standard_errors.get(name)
    if error is not None:
        return f"{value:.2f} ±{Z95 * error:.2f}"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
