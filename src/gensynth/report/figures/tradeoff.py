"""Quality against cost, with the networks that no other one beats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from gensynth.report.pareto import front
from gensynth.report.style import BLACK, LOOKS, VERMILION, light_grid, styled
from gensynth.report.wording import count, label

CONFIRMED = ("prototype", "nominated", "finalist", "uniform")
"""Kinds whose quality was read on the same split, the confirm split."""
COSTS = ("macs", "parameters")


@final
@dataclass(frozen=True, slots=True)
class Spot:
    """One network of a scatter plot.

    Args:
        kind: a key of `LOOKS`.
        name: the network's.
        quality: in its unit.
        costs: `macs` and `parameters`.
    """

    kind: str
    name: str
    quality: float
    costs: Mapping[str, float]


Limits = Mapping[str, Sequence[float]]
"""Measurement to the bounds on it."""


@styled
def tradeoff(spots: Sequence[Spot], quality: str, limits: Limits) -> Figure:
    """Draw quality against MACs and against parameters, both on logarithmic axes.

    The front is that of the networks read on the confirm split, or of all when there are none.

    Args:
        spots: networks, at least one.
        quality: name of the measurement.
        limits: the requirements' bounds.
    """
    figure = Figure(figsize=(10.5, 4.4), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, cost in zip(panels, COSTS, strict=True):
        _panel(axes, spots, cost)
        for limit in limits.get(quality, ()):
            axes.axhline(limit, color=VERMILION, linewidth=1.0, linestyle="--", zorder=1)
        for limit in limits.get(cost, ()):
            axes.axvline(limit, color=VERMILION, linewidth=1.0, linestyle="--", zorder=1)
    panels[0].set_ylabel(label(quality))
    kinds = dict.fromkeys(spot.kind for spot in sorted(spots, key=_rank))
    keys = [_key(kind) for kind in kinds]
    keys.append(Line2D([], [], color=BLACK, linewidth=0.9, label="Pareto front, confirm split"))
    if any(limits.values()):
        keys.append(_bound_key())
    figure.legend(handles=keys, loc="outside lower center", ncols=4)
    return figure


def _panel(axes: Axes, spots: Sequence[Spot], cost: str) -> None:
    axes.set_xscale("log")
    axes.set_xlabel(label(cost))
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(lambda value, _: count(value))
    axes.xaxis.set_minor_formatter(NullFormatter())
    light_grid(axes, "both")
    for spot in sorted(spots, key=_rank, reverse=True):
        look = LOOKS[spot.kind]
        axes.plot(
            [spot.costs[cost]],
            [spot.quality],
            linestyle="none",
            marker=look.marker,
            markersize=look.size,
            color=look.colour,
            markerfacecolor=look.colour if look.filled else "none",
            markeredgecolor=look.colour if look.marker in "x" or not look.filled else "white",
            zorder=4 if spot.kind == "nominated" else 3,
        )
    compared = [spot for spot in spots if spot.kind in CONFIRMED] or list(spots)
    best = front([one.costs[cost] for one in compared], [one.quality for one in compared])
    corners = [compared[index] for index in best]
    axes.step(
        [one.costs[cost] for one in corners],
        [one.quality for one in corners],
        where="post",
        color=BLACK,
        linewidth=0.9,
        zorder=2,
    )


def _rank(spot: Spot) -> int:
    return list(LOOKS).index(spot.kind)


def _key(kind: str) -> Line2D:
    look = LOOKS[kind]
    return Line2D(
        [],
        [],
        linestyle="none",
        marker=look.marker,
        markersize=look.size,
        color=look.colour,
        markerfacecolor=look.colour if look.filled else "none",
        label=look.label,
    )


def _bound_key() -> Line2D:
    return Line2D([], [], color=VERMILION, linewidth=1.0, linestyle="--", label="requirement")
