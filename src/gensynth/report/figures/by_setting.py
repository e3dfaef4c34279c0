"""Several runs: the score of each, by setting, with the mean of those that succeeded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from matplotlib.figure import Figure

from gensynth.report.style import BLACK, BLUE, GREEN, GREY, light_grid, styled
from gensynth.report.wording import label


@final
@dataclass(frozen=True, slots=True)
class Scores:
    """The runs of one setting.

    Args:
        setting: what they have in common, in words.
        scores: of the nominated networks.
        controls: of the best uniformly scaled prototypes.
        failed: runs that nominated nothing.
    """

    setting: str
    scores: tuple[float, ...]
    controls: tuple[float, ...]
    failed: int


@styled
def by_setting(settings: Sequence[Scores], score: str) -> Figure:
    """Draw a row per setting: a mark per run, a bar across at their mean.

    Args:
        settings: at least one.
        score: name of the performance function's measurement.
    """
    figure = Figure(figsize=(9.0, 1.2 + 0.55 * len(settings)), layout="constrained")
    axes = figure.subplots()
    for place, one in enumerate(settings):
        for values, offset, colour, marker in (
            (one.scores, -0.15, BLUE, "o"),
            (one.controls, 0.15, GREEN, "D"),
        ):
            axes.plot(
                values,
                [place + offset] * len(values),
                linestyle="none",
                marker=marker,
                markersize=5,
                color=colour,
                markerfacecolor="none",
                label=_NAMES[marker] if place == 0 else None,
            )
            if values:
                mean = sum(values) / len(values)
                axes.plot([mean, mean], [place + offset - 0.14, place + offset + 0.14],
                          color=BLACK, linewidth=2, label=None)  # fmt: skip
        if one.failed:
            axes.annotate(
                f"{one.failed} met nothing",
                (1.0, place),
                xycoords=("axes fraction", "data"),
                fontsize=7,
                color=GREY,
                va="center",
            )
    axes.set_yticks(range(len(settings)), [one.setting for one in settings])
    axes.set_ylim(len(settings) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(f"{label(score)}, confirm split; the thick stroke is the mean")
    light_grid(axes, "x")
    figure.legend(loc="outside lower center", ncols=2)
    return figure


_NAMES = {"o": "nominated network of one run", "D": "uniform control of one run"}
