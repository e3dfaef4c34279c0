"""The layered layout puts every box below what it reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gensynth.graph.graph import Graph
from gensynth.report.boxes import Box, boxes
from gensynth.report.layers import layers, places


@st.composite
def networks(draw: st.DrawFn) -> list[Box]:
    names = [str(number) for number in range(draw(st.integers(1, 12)))]
    return [
        Box(name, (name,), tuple(draw(st.lists(st.sampled_from(names[:place]), unique=True))))
        if place
        else Box(name, (name,), ())
        for place, name in enumerate(names)
    ]


@given(networks())
def test_a_box_lies_below_every_box_that_it_reads(drawn: list[Box]) -> None:
    layer = layers(drawn)
    assert set(layer) == {box.name for box in drawn}
    for box in drawn:
        assert all(layer[source] < layer[box.name] for source in box.inputs)
    assert min(layer.values()) >= 0


@given(networks(), st.integers(1, 5))
def test_no_two_boxes_share_a_place_and_no_column_is_too_long(drawn: list[Box], rows: int) -> None:
    place = places(drawn, rows)
    taken = [(p.column, p.row, p.slot) for p in place.values()]
    assert len(set(taken)) == len(drawn)
    assert all(p.row < rows and p.slot < p.slots for p in place.values())
    for box in drawn:
        for source in box.inputs:
            above, below = place[source], place[box.name]
            assert (above.column, above.row) < (below.column, below.row)


@pytest.mark.parametrize("name", ["resnet", "refinenet", "detectnet"])
def test_branches_of_a_module_stand_in_one_row(name: str, graphs: dict[str, Graph]) -> None:
    layer = layers(boxes(graphs[name]))
    modules = {box.rpartition(".")[0] for box in layer if box.endswith(".concat")}
    for module in modules:
        branches = [n for n in layer if n.startswith(f"{module}.") and not n.endswith(".concat")]
        assert len({layer[branch] for branch in branches}) == 1
