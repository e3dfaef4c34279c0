"""Score and quality over cycles, and which networks were expected to meet the requirements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gensynth.report.style import BLACK, BLUE, GREY, LOOKS, VERMILION, light_grid, styled
from gensynth.report.wording import label

SPREAD = 0.3
"""How far networks of one cycle stand apart, in cycles."""


@final
@dataclass(frozen=True, slots=True)
class Tried:
    """A network that a cycle trained.

    Args:
        cycle: from 0.
        kind: `candidate` or `promoted`.
        values: measurement to value, as read on the search split.
        meets: whether it meets the requirements as read there; None: there are none.
    """

    cycle: int
    kind: str
    values: Mapping[str, float]
    meets: bool | None


@final
@dataclass(frozen=True, slots=True)
class Expected:
    """What the inquisitor expected of a cycle's candidates, trained long, after it.

    Args:
        cycle: from 0.
        values: measurement to its mean over them.
        probability: that the requirements hold, mean over them; None: not noted.
    """

    cycle: int
    values: Mapping[str, float]
    probability: float | None


@styled
def over_cycles(
    tried: Sequence[Tried],
    expected: Sequence[Expected],
    names: Sequence[str],
    bounds: Mapping[str, Sequence[float]],
) -> Figure:
    """Draw a panel per measurement over cycles, and one of the expected chance to pass.

    Args:
        tried: networks, at least one.
        expected: of cycles; none where it was not noted.
        names: measurements: the score, the quality.
        bounds: measurement to the requirement's bounds.
    """
    chances = [one for one in expected if one.probability is not None]
    count = len(names) + bool(chances)
    figure = Figure(figsize=(10.5, 0.6 + 2.1 * count), layout="constrained")
    panels = figure.subplots(count, 1, sharex=True, squeeze=False)[:, 0]
    for axes, name in zip(panels, names, strict=False):
        _panel(axes, tried, expected, name)
        for bound in bounds.get(name, ()):
            axes.axhline(bound, color=VERMILION, linestyle="--", linewidth=1.0)
    if chances:
        _chances(panels[-1], chances)
    panels[-1].set_xlabel("cycle")
    last = max(one.cycle for one in tried)
    panels[-1].set_xlim(-0.5, last + 0.5)
    panels[-1].set_xticks(range(0, last + 1, 1 + last // 20))
    figure.legend(
        handles=_keys(tried, expected, any(bounds.get(name) for name in names)),
        loc="outside lower center",
        ncols=3,
    )
    return figure


def _panel(axes: Axes, tried: Sequence[Tried], expected: Sequence[Expected], name: str) -> None:
    axes.set_ylabel("\n(".join(label(name).split(" (", 1)))
    light_grid(axes)
    for one, x in zip(tried, _spread(tried), strict=True):
        if name in one.values:
            look = LOOKS[one.kind]
            axes.plot(
                [x],
                [one.values[name]],
                linestyle="none",
                marker=look.marker,
                markersize=look.size + 1,
                markeredgecolor=BLUE,
                markerfacecolor=BLUE if one.meets else "white",
            )
    means = [(one.cycle, one.values[name]) for one in expected if name in one.values]
    if means:
        cycles, values = zip(*means, strict=True)
        axes.plot(cycles, values, color=BLACK, linewidth=1.2, marker="_", zorder=1)


def _spread(tried: Sequence[Tried]) -> list[float]:
    count: dict[int, int] = {}
    for one in tried:
        count[one.cycle] = count.get(one.cycle, 0) + 1
    seen: dict[int, int] = {}
    places = []
    for one in tried:
        number = seen.get(one.cycle, 0)
        seen[one.cycle] = number + 1
        offset = (number + 0.5) / count[one.cycle] - 0.5
        places.append(one.cycle + SPREAD * offset)
    return places


def _chances(axes: Axes, expected: Sequence[Expected]) -> None:
    axes.bar(
        [one.cycle for one in expected],
        [one.probability or 0.0 for one in expected],
        0.2,
        color=GREY,
    )
    axes.set_ylim(0, 1)
    axes.set_ylabel("expected chance\nto pass, mean")
    light_grid(axes)


def _keys(tried: Sequence[Tried], expected: Sequence[Expected], bounded: bool) -> list[Line2D]:
    keys = []
    for kind in dict.fromkeys(one.kind for one in tried):
        look = LOOKS[kind]
        keys.append(_mark(look.marker, filled=False, text=look.label))
        if any(one.meets for one in tried if one.kind == kind):
            text = f"{look.label.partition(' (')[0]} that met the requirements as read there"
            keys.append(_mark(look.marker, filled=True, text=text))
    if expected:
        text = "expected after long training, mean of the cycle's candidates"
        keys.append(Line2D([], [], color=BLACK, marker="_", label=text))
    if bounded:
        keys.append(Line2D([], [], color=VERMILION, linestyle="--", label="requirement"))
    return keys


def _mark(marker: str, *, filled: bool, text: str) -> Line2D:
    return Line2D(
        [],
        [],
        linestyle="none",
        marker=marker,
        markersize=6,
        markeredgecolor=BLUE,
        markerfacecolor=BLUE if filled else "white",
        label=text,
    )
