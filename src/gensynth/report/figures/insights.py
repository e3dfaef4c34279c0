"""What the inquisitor concluded about every choice: what each option would do."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from gensynth.records import Insight
from gensynth.report.figures.heat_table import Cell, heat_table
from gensynth.report.style import DIVERGING, SEQUENCE
from gensynth.report.wording import option_text
from gensynth.report.wording import quantity as worded

CHANGE = "_change_"
"""In the name of a quantity that may be above and below 0, even where all its values are above."""
MOST_CHOICES = 30
"""Of more choices the weightiest are shown: most change next to nothing."""


def insights_figure(insights: Sequence[Insight], options: Mapping[str, Sequence[str]]) -> Figure:
    """Draw a row per choice with its options and their values, the weightiest choices on top.

    Args:
        insights: of one quantity, at least one.
        options: of choices, as text, where they are known.
    """
    rows = sorted(insights, key=lambda one: -one.weight)[:MOST_CHOICES]
    every = [value for one in rows for value in one.values]
    signed = min(every) < 0 or CHANGE in rows[0].quantity
    largest = max(abs(value) for value in every) or 1.0
    form = "+.2g" if signed else ".2g"
    return heat_table(
        [(one.choice, _cells(one, options.get(one.choice, ()), form)) for one in rows],
        columns=(),
        below="options of the choice, each with its value",
        quantity=worded(rows[0].quantity),
        scale=(-largest, largest) if signed else (0.0, largest),
        colours=DIVERGING if signed else SEQUENCE,
        cell=1.0,
    )


def _cells(insight: Insight, options: Sequence[str], form: str) -> list[Cell | None]:
    known = len(options) == len(insight.values)
    names = options if known else [f"option {place}" for place in range(len(insight.values))]
    return [
        Cell(value, f"{option_text(insight.choice, name)}: {f'{value:{form}}' if value else 0}")
        for name, value in zip(names, insight.values, strict=True)
    ]
