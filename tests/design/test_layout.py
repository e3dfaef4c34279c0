"""Choices act where they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gensynth.design.layout import dropout_rate, layout
from gensynth.design.space import DesignSpace


def test_every_choice_acts_somewhere(space: DesignSpace) -> None:
    plan = layout(space.graph, space.choices, 2)
    acting = {
        *plan.widths.values(),
        *plan.kernels.values(),
        *(operation for _, operation in plan.bodies.values()),
        *(keep for blocks in plan.blocks.values() for _, keep in blocks),
        *(keep for keeps in plan.branches.values() for keep in keeps if keep is not None),
        *([] if plan.downsampling is None else [plan.downsampling]),
    }
    assert acting == set(range(len(space.choices)))


def test_the_prototypes_options_configure_its_own_vertices(space: DesignSpace) -> None:
    plan = layout(space.graph, space.choices, 2)
    widths = {name: group.width for name, group in plan.groups.items()}
    for v in space.graph.vertices:
        kernel = v["kernel"] if v.name in plan.kernels else None
        assert plan.configure(v, widths, kernel, 0) == v


@given(
    rate=st.floats(0, 0.95),
    width=st.integers(1, 2048),
    now=st.lists(st.integers(1, 4096), min_size=1),
)
def test_as_many_channels_stay_as_of_the_prototypes_or_all(
    rate: float, width: int, now: list[int]
) -> None:
    rates = [dropout_rate(rate, width, channels) for channels in now]
    for channels, found in zip(now, rates, strict=True):
        assert (1 - found) * channels == pytest.approx(min(channels, (1 - rate) * width))
    np.testing.assert_array_equal(dropout_rate(rate, width, np.array(now)), rates)
    assert dropout_rate(rate, width, width) == rate
