"""Boxes: every vertex in one, each after those that it reads, regions whole where they can be."""

from itertools import pairwise

import pytest

from gensynth.graph.graph import Graph, vertex
from gensynth.report.boxes import boxes

PROTOTYPES = ["resnet", "refinenet", "detectnet"]


@pytest.mark.parametrize("name", PROTOTYPES)
def test_every_vertex_lies_in_one_box_and_each_box_after_those_it_reads(
    name: str, graphs: dict[str, Graph], variations: dict[str, list[Graph]]
) -> None:
    for graph in [graphs[name], *variations[name]]:
        drawn = boxes(graph)
        inside = [vertex for box in drawn for vertex in box.vertices]
        assert sorted(inside) == sorted(v.name for v in graph.vertices)
        names = [box.name for box in drawn]
        assert len(set(names)) == len(names)
        for place, box in enumerate(drawn):
            assert set(box.inputs) <= set(names[:place])


@pytest.mark.parametrize("name", PROTOTYPES)
def test_a_block_or_branch_that_holds_no_other_is_one_box(
    name: str, graphs: dict[str, Graph]
) -> None:
    graph = graphs[name]
    drawn = {box.name: set(box.vertices) for box in boxes(graph)}
    regions = [region for region in graph.regions if region.kind in ("block", "branch")]
    for region in regions:
        inside = set(region.vertices)
        if not any(set(other.vertices) < inside for other in regions):
            assert drawn[region.name] == inside


def test_edges_are_those_of_the_graph_except_sizes_that_are_only_looked_up(
    graphs: dict[str, Graph],
) -> None:
    graph = graphs["refinenet"]
    drawn = boxes(graph)
    home = {vertex: box.name for box in drawn for vertex in box.vertices}
    for box in drawn:
        sources = {
            home[source]
            for name in box.vertices
            for source in graph.by_name[name].inputs[:1]
            if home[source] != box.name
        }
        assert sources <= set(box.inputs)
    assert "input" not in next(box for box in drawn if box.name == "upsample").inputs


def test_a_graph_without_regions_is_drawn_vertex_by_vertex_with_silent_ones_joined() -> None:
    chain = [
        vertex("input", "input", channels=3, height=8, width=8),
        vertex("first", "conv", ["input"], channels=4, kernel=3),
        vertex("relu", "relu", ["first"]),
        vertex("second", "conv", ["relu"], channels=4, kernel=3),
    ]
    drawn = boxes(Graph(tuple(chain), (), (("out", "second"),)))
    assert [box.vertices for box in drawn] == [("input",), ("first", "relu"), ("second",)]
    assert all(later.inputs == (earlier.name,) for earlier, later in pairwise(drawn))
