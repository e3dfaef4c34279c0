"""By how much each requirement holds or is missed, around a line at zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from gensynth.report.style import BLACK, BLUE, ORANGE, light_grid, styled

READINGS = {"confirm": (BLUE, "", "confirm split, after its slack"), "test": (ORANGE, "//", "test")}
"""Split to colour, hatch and name."""


@final
@dataclass(frozen=True, slots=True)
class Margin:
    """One requirement of one network as read on one split.

    Args:
        requirement: in words: `accuracy at least 89`.
        split: a key of `READINGS`.
        margin: in the measurement's unit; below 0: missed by that much.
        limit: the bound.
        text: the margin as it is written, with its unit.
    """

    requirement: str
    split: str
    margin: float
    limit: float
    text: str

    @property
    def percent(self) -> float:
        """The margin in percent of the bound; of a bound of 0, of the margin itself."""
        return 100 * self.margin / (abs(self.limit) or abs(self.margin) or 1.0)


@styled
def margins_figure(margins: Sequence[Margin]) -> Figure:
    """Draw a bar per requirement and split, in percent of the bound, with the margin in its unit.

    Args:
        margins: at least one; those of one requirement stand together.
    """
    figure = Figure(figsize=(7.5, 0.95 + 0.32 * len(margins)), layout="constrained")
    axes = figure.subplots()
    largest = max(abs(one.percent) for one in margins) or 1.0
    for place, one in enumerate(margins):
        colour, hatch, _ = READINGS[one.split]
        axes.barh(place, one.percent, 0.7, color=colour, hatch=hatch, edgecolor="white", lw=0)
        axes.annotate(
            one.text if one.percent >= 0 else f"{one.text} (missed)",
            (max(0.0, one.percent), place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=7,
        )
    low = min(0.0, *(one.percent for one in margins))
    high = max(0.0, *(one.percent for one in margins))
    axes.set_xlim(low - 0.05 * largest, high + 0.6 * largest)
    names = [m.requirement if m.requirement not in {n.requirement for n in margins[:i]} else ""
             for i, m in enumerate(margins)]  # fmt: skip
    axes.set_yticks(range(len(margins)), names)
    axes.set_ylim(len(margins) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=BLACK, linewidth=1.0)
    axes.set_xlabel("margin (% of the bound); right of the line the requirement holds")
    light_grid(axes, "x")
    used = dict.fromkeys(one.split for one in margins)
    keys = [
        Patch(facecolor=READINGS[split][0], hatch=READINGS[split][1], edgecolor="white",
              label=READINGS[split][2])
        for split in used
    ]  # fmt: skip
    figure.legend(handles=keys, loc="outside lower center", ncols=2)
    return figure
