"""Which choices prototypes offer, and which they do not."""

from collections.abc import Callable
from fnmatch import fnmatchcase

import numpy as np
import pytest

from gensynth.design.space import Designs, DesignSpace
from gensynth.errors import ConfigurationError
from gensynth.graph.coupling import coupling_groups
from gensynth.graph.graph import Graph

Derived = Callable[..., DesignSpace]
Drawn = Callable[..., Designs]


def options(space: DesignSpace, kind: str) -> dict[str, tuple[object, ...]]:
    return {c.target: c.options for c in space.choices if c.kind == kind}


def test_every_free_group_has_a_width_and_no_frozen_one(space: DesignSpace) -> None:
    free = [g for g in coupling_groups(space.graph) if not g.frozen and g.members]
    assert list(options(space, "width")) == [g.name for g in free]


def test_widths_are_ascending_multiples_and_hold_the_prototypes(
    prototypes: dict[str, Graph], derived: Derived
) -> None:
    space = derived(prototypes["resnet"], width_ratios=[1.5, 0.3, 0.5], width_multiple=8)
    assert options(space, "width")["stem.conv"] == (8, 16, 24)
    assert options(space, "width")["stage3.block0.body.conv1"] == (16, 32, 64, 96)
    for choice in space.choices:
        if choice.kind == "width":
            assert choice.options == tuple(sorted(choice.options))
            own = space.graph.shapes[choice.target][0]
            assert choice.options[choice.prototype] == own


def test_keep_is_offered_where_shapes_agree(prototypes: dict[str, Graph], derived: Derived) -> None:
    blocks = options(derived(prototypes["resnet"]), "keep")
    dropped = [f"stage{s}.block{b}" for s in (1, 2, 3) for b in (0, 1, 2)]
    assert list(blocks) == [name for name in dropped if name[5:] not in ("2.block0", "3.block0")]
    assert set(options(derived(prototypes["inception"]), "keep")) == {
        "a.1x1", "a.3x3", "a.double", "a.double.left", "a.double.right",
        "b.conv", "b.deep", "b.deep.block", "b.pool",
    }  # fmt: skip


def test_operations_begin_with_dense_and_come_once(
    prototypes: dict[str, Graph], derived: Derived
) -> None:
    space = derived(prototypes["fusion"], operations=["separable", "dense", "separable"])
    assert set(options(space, "operation").values()) == {("dense", "separable")}
    assert not options(derived(prototypes["fusion"], operations=["dense"]), "operation")
    assert not options(derived(prototypes["gated"]), "operation")


def test_operations_may_differ_by_name_of_the_body(
    prototypes: dict[str, Graph], derived: Derived
) -> None:
    offered = {"stage[12].*": ["separable"], "stage2.*": ["pointwise", "separable"]}
    space = derived(prototypes["resnet"], operations=offered)
    found = options(space, "operation")
    assert set(found.values()) == {("dense", "separable"), ("dense", "separable", "pointwise")}
    assert all(("pointwise" in some) == name.startswith("stage2") for name, some in found.items())
    assert not any(name.startswith("stage3") for name in found)
    with pytest.raises(ConfigurationError, match=r"'stag\.\*' matches no body; near it: stage"):
        derived(prototypes["resnet"], operations={"stag.*": ["separable"]})


def test_kernels_are_offered_to_depthwise_bodies_too(
    prototypes: dict[str, Graph], derived: Derived
) -> None:
    assert options(derived(prototypes["gated"], kernels=[7]), "kernel") == {"wide.body": (3, 7)}


@pytest.mark.parametrize(
    ("family", "off"),
    [
        ("width", {"width_ratios": []}),
        ("operation", {"operations": []}),
        ("kernel", {"kernels": []}),
        ("keep", {"keep": False}),
        ("downsampling", {"downsampling": False}),
    ],
)
def test_each_family_can_be_switched_off(
    graph: Graph, derived: Derived, family: str, off: dict[str, object]
) -> None:
    with_all = [c for c in derived(graph).choices if c.kind != family]
    assert list(derived(graph, **off).choices) == with_all


@pytest.mark.parametrize(
    "pattern", ["stem.conv", "stage3.block1.body", "stage2.*", "*.shortcut", "*.body.conv2"]
)
def test_frozen_vertices_are_in_every_design_as_they_are(
    prototypes: dict[str, Graph], derived: Derived, drawn: Drawn, pattern: str
) -> None:
    graph = prototypes["resnet"]
    space = derived(graph, frozen=[pattern])
    inside = {v for r in graph.regions if fnmatchcase(r.name, pattern) for v in r.vertices}
    frozen = [v for v in graph.vertices if fnmatchcase(v.name, pattern) or v.name in inside]
    assert frozen
    assert 1 < space.size < derived(graph).size
    for design in drawn(space, 20):
        after = space.apply(design).by_name
        for v in frozen:
            assert after[v.name].attributes == v.attributes


def test_choices_can_be_frozen_by_name(prototypes: dict[str, Graph], derived: Derived) -> None:
    graph = prototypes["resnet"]
    names = {c.name for c in derived(graph).choices}
    left = {c.name for c in derived(graph, frozen=["*.kernel", "downsampling"]).choices}
    assert names - left == {n for n in names if n.endswith(".kernel")} | {"downsampling"}


def test_a_space_without_choices_holds_the_prototype_alone(graph: Graph, derived: Derived) -> None:
    space = derived(
        graph, width_ratios=[], operations=[], kernels=[], keep=False, downsampling=False
    )
    assert (space.size, space.choices, space.prototype_design) == (1, (), ())
    assert space.apply(()) == graph
    costs = space.costs(np.zeros((2, 0), dtype=np.int64))
    assert costs.parameters.tolist() == [graph.parameters] * 2
    assert space.reach().smallest == space.reach().largest == space.reach().prototype
