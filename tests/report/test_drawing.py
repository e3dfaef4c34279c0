"""Drawings show every part: what it was, what became of it, what was read there."""

import re
from html import unescape

import pytest

from gensynth.graph.graph import Graph
from gensynth.report.boxes import boxes
from gensynth.report.drawing import draw_network, draw_networks
from gensynth.report.parts import changes
from gensynth.report.style import svg

PROTOTYPES = ["resnet", "refinenet", "detectnet"]


def texts(drawing: str) -> list[str]:
    return [unescape(text) for text in re.findall(r">([^<>\n]+)</text>", drawing)]


@pytest.mark.parametrize("name", PROTOTYPES)
def test_one_network_shows_every_box(name: str, graphs: dict[str, Graph]) -> None:
    found = texts(svg(draw_network(graphs[name], name="the <network>")))
    assert {box.name for box in boxes(graphs[name])} <= set(found)
    assert "the <network>" in found


@pytest.mark.parametrize("name", PROTOTYPES)
def test_every_part_that_is_gone_or_replaced_is_marked(
    name: str, graphs: dict[str, Graph], variations: dict[str, list[Graph]]
) -> None:
    for generated in variations[name][:2]:
        compared = [one for one in changes(graphs[name], generated) if one.before.parameters]
        found = texts(svg(draw_networks(graphs[name], generated)))
        gone = sum(one.after is None for one in compared)
        assert found.count("dropped") == gone + 1  # and the key
        for one in compared:
            assert found.count(one.before.name) == 2
            if one.replaced and one.after is not None:
                operation = one.after.operation.replace("squeeze-excite", "SE")
                assert any(text.startswith(operation) for text in found)


def test_values_are_written_where_they_were_read(graphs: dict[str, Graph]) -> None:
    graph = graphs["resnet"]
    exits = [region.exit for region in graph.regions if region.kind == "block"]
    values = {name: 1.25 + number for number, name in enumerate(exits)}
    found = texts(svg(draw_networks(graph, graph, values=(values, values), quantity="bits of it")))
    assert "bits of it" in found
    assert all(found.count(f"{value:.3g}") == 2 for value in values.values())
    alone = texts(svg(draw_network(graph, values=values, quantity="bits of it")))
    assert all(f"{value:.3g}" in alone for value in values.values())


def test_no_values_at_all_is_a_plain_drawing(graphs: dict[str, Graph]) -> None:
    assert svg(draw_network(graphs["resnet"], values={})) == svg(draw_network(graphs["resnet"]))
