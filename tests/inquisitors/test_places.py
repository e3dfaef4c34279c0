"""Where networks are probed."""

from gensynth.design.space import derive
from gensynth.graph.coupling import coupling_groups
from gensynth.graph.graph import Graph, vertex
from gensynth.inquisitors.places import places
from gensynth.prototypes.resnet import resnet

RESNET = resnet((3, 32, 32), 10, depth=20, widths=(16, 32, 64))


def test_region_exits_and_the_sources_of_joining_edges_are_read() -> None:
    found = set(places(RESNET))
    assert {region.exit for region in RESNET.regions} <= found
    for v in RESNET.vertices:
        if v.operation == "add":
            assert set(v.inputs) <= found


def test_every_width_that_may_be_chosen_is_read() -> None:
    space = derive(
        RESNET,
        width_ratios=[0.5],
        width_multiple=4,
        operations=["inverted_bottleneck_se"],
        kernels=[],
        keep=True,
        downsampling=True,
        frozen=[],
    )
    groups = {group.name: group.values for group in coupling_groups(RESNET)}
    found = set(places(RESNET))
    for choice in space.choices:
        if choice.kind == "width":
            assert not found.isdisjoint(groups[choice.target])
    rewritten = space.apply([len(choice.options) - 1 for choice in space.choices])
    found = set(places(rewritten))
    assert any(v.operation == "multiply" for v in rewritten.vertices)
    for group in coupling_groups(rewritten):
        assert group.frozen or not found.isdisjoint(group.values)


def test_places_are_in_graph_order_and_end_before_the_output() -> None:
    order = {v.name: i for i, v in enumerate(RESNET.vertices)}
    positions = [order[place] for place in places(RESNET)]
    assert positions == sorted(positions)
    assert "classifier" not in places(RESNET)


def test_concats_and_gates_count_as_joining() -> None:
    graph = Graph(
        (
            vertex("input", "input", channels=1, height=4, width=4),
            vertex("left", "conv", ["input"], channels=4, kernel=1),
            vertex("right", "conv", ["input"], channels=6, kernel=1),
            vertex("joined", "concat", ["left", "right"]),
            vertex("squeezed", "global_avg_pool", ["joined"]),
            vertex("gated", "multiply", ["joined", "squeezed"]),
            vertex("last", "conv", ["gated"], channels=2, kernel=1),
        ),
        (),
        (("maps", "last"),),
    )
    assert places(graph) == ("left", "right", "joined", "squeezed")
