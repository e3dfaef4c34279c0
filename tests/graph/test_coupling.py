"""Coupling groups: what may be resized alone, what only together, and what not at all."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gensynth.errors import InvalidGraph
from gensynth.graph.coupling import CouplingGroup, coupling_groups, nested
from gensynth.graph.graph import Graph, Vertex, vertex
from gensynth.prototypes.resnet import resnet

relaxed = settings(deadline=None, max_examples=100, derandomize=True)
INPUT = vertex("x", "input", channels=3, height=8, width=8)


def conv(name: str, source: str, channels: int, stride: int = 1) -> Vertex:
    return vertex(name, "conv", [source], channels=channels, kernel=3, stride=stride)


def graph_of(*vertices: Vertex) -> Graph:
    """Put an input in front and a convolutional head behind, whose width is nobody else's."""
    head = conv("head", vertices[-1].name, 11)
    return Graph((INPUT, *vertices, head), (), (("out", "head"),))


def grouped(graph: Graph) -> dict[str, CouplingGroup]:
    """Return every value's group."""
    return {value: group for group in coupling_groups(graph) for value in group.values}


def frozen_values(graph: Graph) -> set[str]:
    return {value for value, group in grouped(graph).items() if group.frozen} - {"x", "head"}


def resized(graph: Graph, widths: Mapping[str, int]) -> Graph:
    """Return the graph with the width attributes of these vertices changed."""
    changed = []
    for v in graph.vertices:
        attributes = dict(v.attributes)
        if v.name in widths:
            attributes[str(v.rule.width_attribute)] = widths[v.name]
        changed.append(vertex(v.name, v.operation, v.inputs, **attributes))
    return replace(graph, vertices=tuple(changed))


@relaxed
@given(data=st.data())
def test_free_groups_take_any_width_and_the_graph_stays_legal(
    graphs: st.SearchStrategy[Graph], data: st.DataObject
) -> None:
    graph = data.draw(graphs)
    widths = {
        member: width
        for group in coupling_groups(graph)
        if not group.frozen
        for width in [data.draw(st.integers(1, 9))]
        for member in group.members
    }
    after = resized(graph, widths)
    for group in coupling_groups(after):
        assert {after.shapes[value][0] for value in group.values} == {group.width}


@relaxed
@given(data=st.data())
def test_a_member_cannot_leave_its_group(
    graphs: st.SearchStrategy[Graph], data: st.DataObject
) -> None:
    graph = data.draw(graphs)
    for group in coupling_groups(graph):
        if len(group.members) > 1:
            with pytest.raises(InvalidGraph):
                resized(graph, {group.members[0]: group.width + 1})


@relaxed
@given(data=st.data())
def test_every_value_has_one_group_and_its_width(
    graphs: st.SearchStrategy[Graph], data: st.DataObject
) -> None:
    graph = data.draw(graphs)
    groups = coupling_groups(graph)
    values = [value for group in groups for value in group.values]
    assert sorted(values) == sorted(v.name for v in graph.vertices)
    assert len({group.name for group in groups}) == len(groups)
    for group in groups:
        assert {graph.shapes[value][0] for value in group.values} == {group.width}


@relaxed
@given(data=st.data())
def test_a_group_is_free_frozen_or_derived(
    graphs: st.SearchStrategy[Graph], data: st.DataObject
) -> None:
    groups = {group.name: group for group in coupling_groups(data.draw(graphs))}
    for group in groups.values():
        assert group.frozen or bool(group.members) != bool(group.parts)
        if group.parts and not group.frozen:
            assert group.width == sum(groups[part].width for part in group.parts)
        if group.frozen:
            assert all(groups[part].frozen for part in group.parts)


def test_resnet_20_has_three_streams_and_nine_inner_widths() -> None:
    groups = coupling_groups(resnet((3, 32, 32), 10, depth=20, widths=(16, 32, 64)))
    by_name = {group.name: group for group in groups}
    assert {g.name for g in groups if g.frozen} == {"input", "classifier"}
    streams = ["stem.conv", "stage2.block0.body.conv2", "stage3.block0.body.conv2"]
    inner = [f"stage{s}.block{b}.body.conv1" for s in (1, 2, 3) for b in range(3)]
    assert {g.name for g in groups if not g.frozen} == {*streams, *inner}
    assert [by_name[name].width for name in streams] == [16, 32, 64]
    assert by_name["stem.conv"].members == (
        "stem.conv",
        *(f"stage1.block{b}.body.conv2" for b in range(3)),
    )
    assert "stage2.block0.shortcut" in by_name[streams[1]].members
    assert "flatten" in by_name[streams[2]].values
    assert nested(groups) == tuple(pairwise(streams))


def test_a_concat_that_feeds_a_convolution_leaves_its_sources_free() -> None:
    graph = graph_of(
        conv("a", "x", 4),
        conv("b", "x", 6),
        vertex("joined", "concat", ["a", "b", "a"]),
        conv("after", "joined", 5),
    )
    groups = grouped(graph)
    assert frozen_values(graph) == set()
    assert (groups["joined"].members, groups["joined"].parts) == ((), ("a", "b", "a"))
    assert resized(graph, {"a": 2, "b": 3}).shapes["joined"] == (7, 8, 8)


def test_a_concat_keeps_its_parts_through_norms_activations_and_pools() -> None:
    graph = graph_of(
        conv("a", "x", 4),
        vertex("b", "max_pool", ["a"], kernel=3, stride=1),
        vertex("joined", "concat", ["a", "b"]),
        vertex("norm", "batch_norm", ["joined"]),
        vertex("act", "relu", ["norm"]),
        vertex("mixed", "depthwise", ["act"], kernel=3),
    )
    group = grouped(graph)["joined"]
    assert group.values == ("joined", "norm", "act", "mixed")
    assert (group.parts, group.frozen, group.width) == (("a", "a"), False, 8)
    assert frozen_values(graph) == set()


def test_concats_of_concats_follow_their_sources() -> None:
    graph = graph_of(
        conv("a", "x", 4),
        conv("b", "x", 6),
        vertex("inner", "concat", ["a", "b"]),
        vertex("outer", "concat", ["inner", "a"]),
    )
    assert grouped(graph)["outer"].parts == ("inner", "a")
    assert resized(graph, {"a": 1, "b": 2}).shapes["outer"][0] == 4


TIED = {
    "an add with a convolution": [
        conv("c", "x", 10),
        vertex("tie", "add", ["act", "c"]),
    ],
    "a squeeze-excite gate": [
        vertex("squeeze", "global_avg_pool", ["act"]),
        conv("c", "squeeze", 10),
        vertex("tie", "multiply", ["act", "c"]),
    ],
    "a second concat": [
        vertex("c", "concat", ["b", "a"]),
        vertex("tie", "add", ["act", "c"]),
    ],
    "a concat of itself": [
        vertex("tie", "add", ["joined", "act"]),
        vertex("more", "concat", ["tie", "b"]),
        vertex("again", "add", ["more", "more"]),
        conv("c", "x", 16),
        vertex("last", "add", ["again", "c"]),
    ],
    "a shortcut": [
        vertex("tie", "shortcut", ["act"], channels=12),
    ],
}


@pytest.mark.parametrize("how", TIED)
def test_a_concat_tied_by_more_than_its_sources_is_frozen_with_them(how: str) -> None:
    graph = graph_of(
        conv("a", "x", 4),
        conv("b", "x", 6),
        conv("free", "a", 4),
        vertex("joined", "concat", ["a", "b"]),
        vertex("act", "relu", ["joined"]),
        *TIED[how],
        vertex("pooled", "max_pool", [TIED[how][-1].name], kernel=3, stride=1),
        vertex("beside", "concat", ["pooled", "free"]),
    )
    frozen = frozen_values(graph)
    assert {"a", "b", "joined", "act", "tie"} <= frozen
    assert not frozen & {"free", "beside"}


def test_adds_of_upsampled_paths_couple_the_values_and_not_the_references() -> None:
    """A RefineNet fusion: paths of several sizes, resized to the largest and summed."""
    graph = graph_of(
        conv("large", "x", 5),
        conv("small", "large", 7, stride=2),
        conv("path1", "large", 6),
        conv("path2", "small", 6),
        vertex("resized", "upsample", ["path2", "large"]),
        vertex("fused", "add", ["path1", "resized"]),
    )
    groups = grouped(graph)
    assert groups["fused"].members == ("path1", "path2")
    assert groups["large"].members == ("large",)
    assert frozen_values(graph) == set()


def test_a_gate_couples_with_the_value_it_multiplies() -> None:
    """Squeeze-excite: the second convolution has the value's width, the first is free."""
    graph = graph_of(
        conv("body", "x", 8),
        vertex("squeeze", "global_avg_pool", ["body"]),
        vertex("reduce", "conv", ["squeeze"], channels=2, kernel=1),
        vertex("relu", "relu", ["reduce"]),
        vertex("expand", "conv", ["relu"], channels=8, kernel=1),
        vertex("gate", "sigmoid", ["expand"]),
        vertex("scaled", "multiply", ["body", "gate"]),
    )
    groups = grouped(graph)
    assert groups["scaled"].members == ("body", "expand")
    assert groups["reduce"].members == ("reduce",)
    assert frozen_values(graph) == set()


def test_outputs_freeze_what_sets_their_width_through_resizing_and_concats() -> None:
    vertices = (
        INPUT,
        conv("a", "x", 4),
        conv("b", "a", 5),
        conv("scores", "b", 6, stride=2),
        vertex("resized", "upsample", ["scores", "x"]),
        vertex("both", "concat", ["resized", "a"]),
    )
    graph = Graph(vertices, (), (("scores", "resized"), ("both", "both")))
    assert frozen_values(graph) == {"scores", "resized", "both", "a"}


def test_shortcuts_nest_groups_without_tying_their_widths() -> None:
    graph = graph_of(
        conv("a", "x", 4),
        vertex("past", "shortcut", ["a"], channels=6),
        conv("b", "a", 6),
        vertex("sum", "add", ["b", "past"]),
    )
    assert nested(coupling_groups(graph)) == (("a", "past"),)
    assert grouped(graph)["sum"].members == ("past", "b")
    for width in (1, 9):
        assert resized(graph, {"a": width}).shapes["sum"] == (6, 8, 8)


def test_channels_whose_neighbours_matter_keep_their_order() -> None:
    graph = Graph(
        (
            vertex("input", "input", channels=3, height=8, width=8),
            vertex("one", "conv", ["input"], channels=4, kernel=3),
            vertex("response", "local_response_norm", ["one"]),
            vertex("two", "conv", ["response"], channels=4, kernel=3),
            vertex("three", "conv", ["two"], channels=4, kernel=3),
        ),
        (),
        (("out", "three"),),
    )
    frozen = {group.name: group.frozen for group in coupling_groups(graph)}
    assert frozen == {"input": True, "one": True, "two": False, "three": True}
