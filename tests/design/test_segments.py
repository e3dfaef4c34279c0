"""Distinct rows, whatever their numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gensynth.design.layout import layout
from gensynth.design.segments import distinct, segments
from gensynth.design.space import DesignSpace


@pytest.mark.parametrize("largest", [3, 2**40])
@settings(deadline=None, max_examples=60, derandomize=True)
@given(data=st.data())
def test_distinct_rows_are_those_of_numpy(largest: int, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.tuples(*[st.integers(0, largest)] * 4), min_size=1, max_size=12))
    table = np.array(rows, dtype=np.int64)
    first, place = distinct(list(table.T))
    assert len(first) == len(set(rows))
    assert (table[first][place] == table).all()


def test_every_vertex_that_costs_lies_in_one_segment(space: DesignSpace) -> None:
    graph = space.graph
    found = [v.name for s in segments(layout(graph, space.choices, 2)) for v in s.vertices]
    assert len(set(found)) == len(found)
    for v in graph.vertices:
        shapes = [graph.shapes[name] for name in v.inputs]
        attributes = dict(v.attributes)
        costs = v.rule.parameters(shapes, attributes) + v.rule.macs(shapes, attributes)
        assert v.name in found or costs == 0
