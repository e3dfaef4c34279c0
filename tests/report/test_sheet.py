"""Drawn panels hold every box and every line of text."""

import pytest

from gensynth.graph.graph import Graph
from gensynth.report.boxes import boxes
from gensynth.report.sheet import Label, Sheet
from gensynth.report.style import svg


@pytest.mark.parametrize("name", ["resnet", "refinenet", "detectnet"])
def test_both_panels_hold_every_line_and_text_fits_its_box(
    name: str, graphs: dict[str, Graph]
) -> None:
    drawn = boxes(graphs[name])
    sheet = Sheet.of(drawn, set(), panels=2)
    labels = {box.name: Label((box.name, "", "one & the other")) for box in drawn}
    figure = sheet.figure([(("left", "l"), labels), (("right", "r"), labels)])
    text = svg(figure)
    assert text.count("one &amp; the other") >= 2 * len(drawn)
    for box in drawn:
        assert f">{box.name}<" in text
    for written in figure.axes[0].texts:
        box_width = sheet.geometry.frames[drawn[0].name].width
        if written.get_text() in labels:
            window = written.get_window_extent()
            assert window.width / figure.dpi <= box_width * 1.1
