"""Drawings of networks: one alone, or a prototype beside what was generated from it."""

from collections.abc import Callable, Mapping, Sequence

import matplotlib as mpl
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from gensynth.graph.graph import Graph
from gensynth.report.boxes import boxes
from gensynth.report.parts import Change, Part, changes, parts
from gensynth.report.sheet import Label, Sheet
from gensynth.report.style import BLACK, GREY, SEQUENCE, ink_on, styled
from gensynth.report.wording import count

Values = Mapping[str, float]
"""Vertex to what was read there; a box shows what was read at its last vertex."""

KEPT, REPLACED = "#D6E8F5", "#FBE3BF"


@styled
def draw_network(
    graph: Graph, *, name: str = "network", values: Values | None = None, quantity: str = ""
) -> Figure:
    """Draw one network, region by region.

    Args:
        graph: the network's.
        name: what is written above it.
        values: colours the boxes by what was read at their last vertices.
        quantity: of the values, with its unit.
    """
    drawn = parts(graph)
    scale = _scale([values] if values else [])
    paint = _painter(values or {}, scale) if scale else _plain
    sheet = Sheet.of(boxes(graph), _small(drawn), panels=1)
    figure = sheet.figure([((name, _size(graph)), {part.name: paint(part) for part in drawn})])
    _explain(figure, scale, quantity)
    return figure


@styled
def draw_networks(
    prototype: Graph,
    generated: Graph,
    *,
    names: tuple[str, str] = ("prototype", "generated"),
    values: tuple[Values, Values] | None = None,
    quantity: str = "",
) -> Figure:
    """Draw a prototype beside a network that was generated from it, box by box in the same places.

    Without values, the generated network's boxes show widths, operation, kernel and stride where
    they changed, and how much of the prototype's parameters is left.

    Args:
        prototype: the graph that generation started from.
        generated: a variation of it.
        names: what is written above them.
        values: colours the boxes by what was read at their last vertices.
        quantity: of the values, with its unit.
    """
    compared = changes(prototype, generated)
    before = [change.before for change in compared]
    scale = _scale(values or ())
    if values and scale:
        first, second = (_painter(one, scale) for one in values)
        left = {part.name: first(part) for part in before}
        right = {
            c.before.name: second(c.after) if c.after else _dropped(c.before) for c in compared
        }
    else:
        left = {part.name: _plain(part) for part in before}
        right = {change.before.name: _changed(change) for change in compared}
    sheet = Sheet.of(boxes(prototype), _small(before), panels=2)
    heads = [(names[0], _size(prototype)), (names[1], _size(generated))]
    figure = sheet.figure([(heads[0], left), (heads[1], right)])
    _explain(figure, scale, quantity)
    return figure


def widths(part: Part) -> str:
    """Return a part's widths in order: `16-16`."""
    return "-".join(str(width) for width in part.widths)


def _small(figures: Sequence[Part]) -> set[str]:
    return {part.name for part in figures if not part.parameters}


def _size(graph: Graph) -> str:
    return f"{count(graph.parameters)} parameters, {count(graph.macs)} MACs"


def _plain(part: Part) -> Label:
    if not part.parameters:
        return Label((part.name,))
    kernel = [f"{part.kernel}x{part.kernel}"] if part.kernel > 1 else []
    stride = [f"stride {part.stride}"] if part.stride > 1 else []
    return Label((part.name, widths(part), " ".join(kernel + stride)), colour=KEPT)


def _dropped(part: Part) -> Label:
    return Label((part.name, "dropped") if part.parameters else (part.name,), ink=GREY, gone=True)


def _changed(change: Change) -> Label:
    before, after = change.before, change.after
    if after is None:
        return _dropped(before)
    if not before.parameters:
        return Label((before.name,))
    width = widths(before)
    if after.widths != before.widths:
        width += f" → {widths(after)}"
    others = [after.operation.replace("squeeze-excite", "SE")] if change.replaced else []
    if after.kernel not in {before.kernel, 1}:
        others.append(f"{after.kernel}x{after.kernel}")
    if after.stride != before.stride:
        others.append(f"stride {before.stride} → {after.stride}")
    return Label(
        (before.name, width, " ".join(others)),
        colour=REPLACED if change.replaced else KEPT,
        bold=change.replaced,
        left=after.parameters / before.parameters,
    )


def _painter(values: Values, scale: Normalize) -> Callable[[Part], Label]:
    colours = mpl.colormaps[SEQUENCE]

    def paint(part: Part) -> Label:
        value = values.get(part.exit)
        if value is None:
            return Label((part.name, "not read") if part.parameters else (part.name,))
        colour = colours(float(scale(value)))
        told = f"{value:.3g}"
        joint = f"{part.name.rpartition('.')[2]} {told}"
        lines = (part.name, told) if part.parameters else (joint,)
        return Label(lines, colour=to_hex(colour), ink=ink_on(colour))

    return paint


def _scale(values: Sequence[Values]) -> Normalize | None:
    every = [value for one in values for value in one.values()]
    return Normalize(min(every), max(every)) if every else None


def _explain(figure: Figure, scale: Normalize | None, quantity: str) -> None:
    """Write below a drawing what its colours mean."""
    width, height = figure.get_size_inches()
    if scale is None:
        keys = [
            Patch(facecolor=KEPT, edgecolor=BLACK, label="convolutions as before"),
            Patch(facecolor=REPLACED, edgecolor=BLACK, linewidth=2, label="operation replaced"),
            Patch(facecolor="white", edgecolor=GREY, linestyle="--", label="dropped"),
            Patch(facecolor=BLACK, label="share of parameters left"),
        ]
        figure.legend(handles=keys, loc="lower left", ncols=2, fontsize=7.5)
        return
    place = (0.15 / width, 0.36 / height, min(3.0, width - 0.3) / width, 0.1 / height)
    bar = figure.colorbar(
        ScalarMappable(scale, SEQUENCE), cax=figure.add_axes(place), orientation="horizontal"
    )
    bar.set_label(quantity, fontsize=7.5)
    bar.ax.tick_params(labelsize=6.5)
