"""What was expected of networks against what was read then."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gensynth.records import Foretold
from gensynth.report.style import BLUE, GREY, ORANGE, light_grid, styled
from gensynth.report.wording import label

MARKS = {"short": ("o", ORANGE), "long": ("D", BLUE)}


@styled
def foretold_figure(foretold: Sequence[Foretold], quality: str) -> Figure:
    """Draw a mark per network, with the 95 % interval in which its reading was expected.

    Args:
        foretold: at least one.
        quality: name of the measurement.
    """
    figure = Figure(figsize=(5.2, 4.4), layout="constrained")
    axes = figure.subplots()
    for fidelity, (marker, colour) in MARKS.items():
        own = [one for one in foretold if one.fidelity == fidelity]
        if own:
            axes.errorbar(
                [one.expected for one in own],
                [one.read for one in own],
                xerr=[
                    [one.expected - one.low for one in own],
                    [one.high - one.expected for one in own],
                ],
                linestyle="none",
                marker=marker,
                markersize=4,
                color=colour,
                elinewidth=0.6,
                markerfacecolor="none",
                label=f"trained {fidelity}",
            )
    _diagonal(axes, foretold)
    axes.set_xlabel(f"expected {label(quality)}, with the 95 % interval")
    axes.set_ylabel(f"{label(quality)} that was read")
    light_grid(axes, "both")
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def _diagonal(axes: Axes, foretold: Sequence[Foretold]) -> None:
    ends = [value for one in foretold for value in (one.expected, one.read)]
    span = (min(ends), max(ends))
    axes.plot(span, span, color=GREY, linewidth=0.8, linestyle="--", zorder=1)
