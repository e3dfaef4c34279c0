"""Choices act where they say."""

from gensynth.design.layout import layout
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
