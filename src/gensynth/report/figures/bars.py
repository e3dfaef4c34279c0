"""The four bar charts of the paper's Figure 1, and their counterparts for the other tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gensynth.report.style import BLACK, LOOKS, light_grid, styled
from gensynth.report.wording import figure_of, label, scaled

ROW, FRAME, WIDTH = 0.27, 0.75, 10.5
"""Inches: per network, around them, and across."""
ROOM = 1.32
"""How much longer an axis is than its longest bar, for the number at its end."""

Interval = tuple[float, float]


@final
@dataclass(frozen=True, slots=True)
class Bar:
    """One network of a bar chart.

    Args:
        name: what is written beside it.
        kind: a key of `LOOKS`.
        values: measurement to value; what is missing has no bar.
        intervals: 95 % intervals of those values that have them.
    """

    name: str
    kind: str
    values: Mapping[str, float]
    intervals: Mapping[str, Interval] = field(default_factory=dict)


@styled
def bar_charts(bars: Sequence[Bar], measures: Sequence[str]) -> Figure:
    """Draw one panel per measurement and one bar per network, from zero, with its number.

    Args:
        bars: from top to bottom.
        measures: measurements, from left to right.
    """
    figure = Figure(figsize=(WIDTH, FRAME + ROW * len(bars)), layout="constrained")
    panels = figure.subplots(1, len(measures), sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, measures, strict=True):
        _panel(axes, bars, name)
    panels[0].set_yticks(range(len(bars)), [bar.name for bar in bars])
    panels[0].set_ylim(len(bars) - 0.4, -0.6)
    return figure


def _panel(axes: Axes, bars: Sequence[Bar], name: str) -> None:
    factor, text = scaled(name, [bar.values[name] for bar in bars if name in bar.values])
    axes.set_xlabel("\n(".join(label(name).split(" (", 1)) if factor == 1 else text)
    largest = 0.0
    for place, bar in enumerate(bars):
        if name not in bar.values:
            axes.text(0, place, " not known", va="center", fontsize=6.5, color=BLACK)
            continue
        value, look = bar.values[name] / factor, LOOKS[bar.kind]
        axes.barh(
            place, value, 0.7, color=look.colour, hatch=look.hatch, edgecolor="white", linewidth=0
        )
        end = value
        if name in bar.intervals:
            low, high = (bound / factor for bound in bar.intervals[name])
            axes.plot([low, high], [place, place], color=BLACK, linewidth=1.0, marker="|", ms=4)
            end = max(end, high)
        shown = figure_of(name, bar.values[name]) if factor == 1 else f"{value:.3g}"
        axes.annotate(
            shown,
            (max(end, 0.0), place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=6.5,
        )
        largest = max(largest, end)
    axes.set_xlim(0, (largest or 1.0) * ROOM)
    axes.set_xticks([tick for tick in MaxNLocator(4).tick_values(0, largest) if tick <= largest])
    axes.tick_params(axis="y", length=0)
    light_grid(axes, "x")
