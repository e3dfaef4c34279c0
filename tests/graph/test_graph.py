"""Laws of graphs: JSON round trip, digests, counts by addition."""

import json
import pickle
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gensynth.errors import InvalidGraph
from gensynth.graph.graph import Attribute, Graph, Region, vertex
from gensynth.prototypes.resnet import resnet

relaxed = settings(deadline=None, max_examples=60, derandomize=True)


def small() -> Graph:
    return resnet((3, 8, 8), 10, depth=8, widths=(4, 6, 8))


@relaxed
@given(data=st.data())
def test_json_round_trip(graphs: st.SearchStrategy[Graph], data: st.DataObject) -> None:
    graph = data.draw(graphs)
    again = Graph.from_json(graph.to_json())
    assert again == graph
    assert again.to_json() == graph.to_json()


def test_json_round_trip_keeps_regions_and_outputs() -> None:
    graph = small()
    assert Graph.from_json(graph.to_json()) == graph
    assert Graph.from_json(graph.to_json()).regions == graph.regions != ()


@relaxed
@given(data=st.data())
def test_digests_are_equal_exactly_when_graphs_are(
    graphs: st.SearchStrategy[Graph], data: st.DataObject
) -> None:
    a, b = data.draw(graphs), data.draw(graphs)
    assert (a.digest == b.digest) == (a == b)


@relaxed
@given(data=st.data())
def test_any_changed_attribute_changes_the_digest(
    graphs: st.SearchStrategy[Graph], data: st.DataObject
) -> None:
    graph = data.draw(graphs)
    last = graph.vertices[-1]
    changes: list[dict[str, Attribute]] = [{"bias": False}, {"features": 5}]
    attributes = dict(last.attributes) | data.draw(st.sampled_from(changes))
    changed = vertex(last.name, last.operation, last.inputs, **attributes)
    other = replace(graph, vertices=(*graph.vertices[:-1], changed))
    assert other.digest != graph.digest


def test_regions_and_output_names_are_part_of_the_digest() -> None:
    graph = small()
    assert replace(graph, regions=graph.regions[1:]).digest != graph.digest
    assert replace(graph, outputs=(("scores", "classifier"),)).digest != graph.digest


@relaxed
@given(data=st.data())
def test_totals_are_sums_over_vertices(
    graphs: st.SearchStrategy[Graph], data: st.DataObject
) -> None:
    graph = data.draw(graphs)
    arguments = [
        (v, [graph.shapes[s] for s in v.inputs], dict(v.attributes)) for v in graph.vertices
    ]
    assert graph.parameters == sum(v.rule.parameters(i, a) for v, i, a in arguments)
    assert graph.macs == sum(v.rule.macs(i, a) for v, i, a in arguments)


def test_views_agree_with_the_vertices() -> None:
    graph = small()
    assert list(graph.by_name) == list(graph.shapes) == [v.name for v in graph.vertices]
    assert graph.input_shape == (3, 8, 8)
    assert graph.shapes["classifier"] == (10,)
    for name, readers in graph.consumers.items():
        assert readers == tuple(v.name for v in graph.vertices if name in v.inputs)


def test_a_value_read_twice_by_one_vertex_has_one_consumer() -> None:
    image = vertex("x", "input", channels=1, height=2, width=2)
    graph = Graph((image, vertex("s", "add", ["x", "x"])), (), (("out", "s"),))
    assert graph.consumers["x"] == ("s",)


def test_graphs_survive_pickling_and_hash_by_value() -> None:
    graph = small()
    assert pickle.loads(pickle.dumps(graph)) == graph  # noqa: S301 - our own bytes
    assert len({graph, small()}) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"vertices": 3, "regions": [], "outputs": []}',
        '{"vertices": [["x", "input", [], []]], "regions": [], "outputs": []}',
        '{"vertices": [["x", "input"]], "regions": [], "outputs": []}',
        '{"vertices": [], "regions": [], "outputs": []}',
        '{"vertices": [["x", "input", [], {"channels": [1]}]], "regions": [], "outputs": []}',
        '{"vertices": [[1, ["input"], [], {}]], "regions": [], "outputs": []}',
    ],
)
def test_text_that_is_no_graph_is_refused(text: str) -> None:
    with pytest.raises(InvalidGraph):
        Graph.from_json(text)


@relaxed
@given(data=st.data())
def test_damaged_json_is_refused_or_still_a_graph(
    graphs: st.SearchStrategy[Graph], data: st.DataObject
) -> None:
    plain = json.loads(data.draw(graphs).to_json())
    part = data.draw(st.sampled_from(sorted(plain)))
    junk = st.one_of(st.none(), st.integers(), st.text(), st.lists(st.integers()))
    plain[part] = data.draw(junk | st.lists(junk))
    try:
        graph = Graph.from_json(json.dumps(plain))
    except InvalidGraph:
        return
    assert Graph.from_json(graph.to_json()) == graph


def test_regions_may_nest_and_share_their_ends() -> None:
    graph = small()
    block, body = graph.regions[:2]
    assert set(body.vertices) < set(block.vertices)
    twin = Region("twin", "body", body.entry, body.exit, body.vertices)
    assert replace(graph, regions=(*graph.regions, twin)).regions[-1] == twin
