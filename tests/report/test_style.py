"""Figures carry their style and leave no trace of it."""

from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from gensynth.report.style import LOOKS, REFERENCE, SETTINGS, ink_on, styled, svg


def test_nothing_global_changes() -> None:
    before = dict(mpl.rcParams)
    inside: list[float] = []

    @styled
    def draw() -> Figure:
        inside.append(mpl.rcParams["font.size"])
        return Figure()

    svg(draw())
    assert inside == [SETTINGS["font.size"]]
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("text", ["$x^2$", "a & b < c > d", "\"quoted\" 'too'"])
def test_text_is_shown_as_it_is(text: str) -> None:
    @styled
    def draw() -> Figure:
        figure = Figure()
        figure.text(0.5, 0.5, text)
        return figure

    root = ET.fromstring(svg(draw()))  # noqa: S314 - our own
    assert text in "".join(root.itertext())


def test_a_trimmed_figure_keeps_its_text_and_what_it_refers_to() -> None:
    hostile = 'a id="x" font-family: y; <!-- z --> transform="rotate(-0 1)"'

    @styled
    def draw() -> Figure:
        figure = Figure()
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], marker="o")
        axes.set_title(hostile)
        return figure

    text = svg(draw())
    root = ET.fromstring(text)  # noqa: S314 - our own
    names = {element.get("id") for element in root.iter()} - {None}
    references = {found[1] for found in REFERENCE.finditer(text)}
    assert references
    assert references <= names
    assert hostile in "".join(root.itertext())


def test_kinds_differ_in_print_without_colour() -> None:
    marks = [(look.marker, look.filled) for look in LOOKS.values()]
    assert len(set(marks)) == len(marks)
    bars = [
        LOOKS[kind].hatch for kind in ("prototype", "nominated", "finalist", "uniform", "published")
    ]
    assert len(set(bars)) == len(bars)


def test_ink_is_dark_on_light_and_light_on_dark() -> None:
    assert ink_on((1, 1, 1)) != ink_on((0, 0, 0)) == "white"
