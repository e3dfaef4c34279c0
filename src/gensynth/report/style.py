"""How figures look: colours that colour-blind people tell apart, marks that grey print keeps."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from io import StringIO
from typing import Any, ParamSpec, final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

P = ParamSpec("P")

# Okabe and Ito's palette (2008)
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY, PALE = "#767676", "#D9D9D9"
SEQUENCE = "cividis"
"""Colour map for numbers: its lightness rises all the way."""
DIVERGING = "PuOr"
"""Colour map for numbers of both signs; print them too, for grey print shows their size alone."""
DARK_BELOW = 0.5
"""Lightness of a colour below which text on it is white."""

FONTS = "'DejaVu Sans', Verdana, Arial, sans-serif"
REFERENCE = re.compile(r'(?:href="#|url\(#)([^")]+)')
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
TAG = re.compile(r"<[^>]*>")  # in text and in attributes > is written &gt;
NAME = re.compile(r' id="([^"]*)"')
UNTURNED = re.compile(r' transform="rotate\(-0 [^"]*\)"')
FAMILY = re.compile(r"font-family: [^;\"]*; ")
SPACE = re.compile(r"\s*\n\s*")

SETTINGS: dict[Any, Any] = {
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8.0,
    "axes.titlesize": 9.0,
    "axes.titlelocation": "left",
    "axes.labelsize": 8.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "hatch.linewidth": 0.6,
    "lines.linewidth": 1.2,
    "text.parse_math": False,  # a dollar in somebody's name is a dollar
    "svg.fonttype": "none",
    "svg.hashsalt": "gensynth",
}


@final
@dataclass(frozen=True, slots=True)
class Look:
    """How one kind of network is shown, in every figure alike.

    Args:
        label: in legends.
        colour: of bars and marks.
        marker: in scatter plots.
        hatch: of bars.
        size: of the marker, in points.
        filled: whether the marker is.
    """

    label: str
    colour: str
    marker: str
    hatch: str = ""
    size: float = 6.0
    filled: bool = True


LOOKS = {
    "prototype": Look("prototype", BLACK, "s"),
    "nominated": Look("nominated", VERMILION, "*", "//", 12.0),
    "finalist": Look("finalist (long, confirm split)", BLUE, "o", "..", 7.0),
    "promoted": Look("promoted (long, search split)", BLUE, "^", size=6.0, filled=False),
    "candidate": Look("candidate (short, search split)", SKY, "o", size=4.5, filled=False),
    "uniform": Look("uniform control (long, confirm split)", GREEN, "D", "xx", 6.0),
    "uniform promoted": Look("uniform control (long, search split)", GREEN, "D", filled=False),
    "uniform candidate": Look("uniform control (short)", GREEN, "x", size=4.5),
    "published": Look("of the paper (derived)", GREY, "v", "--"),
}


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Let a function that draws a figure do so in this style; nothing global is left changed."""

    @wraps(draw)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with mpl.rc_context(SETTINGS):
            return draw(*args, **kwargs)

    return wrapped


def svg(figure: Figure) -> str:
    """Return a figure as a standalone SVG document: equal figures give equal text."""
    text = StringIO()
    with mpl.rc_context(SETTINGS):
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(text, format="svg", metadata=nothing)
    return trimmed(text.getvalue())


def trimmed(text: str) -> str:
    """Return matplotlib's SVG without what says nothing: the same picture in fewer bytes."""
    used = set(REFERENCE.findall(text))

    def shorter(tag: re.Match[str]) -> str:
        named = NAME.sub(lambda name: name[0] if name[1] in used else "", tag[0])
        return FAMILY.sub("", UNTURNED.sub("", named))

    text = TAG.sub(shorter, COMMENT.sub("", text))
    text = text.replace("<svg ", f'<svg style="font-family: {FONTS}" ', 1)
    return SPACE.sub("\n", text)


def ink_on(colour: Sequence[float]) -> str:
    """Return the colour of text that can be read on an RGB colour with parts from 0 to 1."""
    red, green, blue = colour[:3]
    return BLACK if 0.299 * red + 0.587 * green + 0.114 * blue > DARK_BELOW else "white"


def light_grid(axes: Axes, axis: str = "y") -> None:
    """Draw thin lines behind the data along one axis, or `both`."""
    axes.grid(visible=True, axis=axis, color=PALE, linewidth=0.6)  # type: ignore[arg-type]
