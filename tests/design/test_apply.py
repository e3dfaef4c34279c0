"""What designs make of a graph."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from gensynth.design.space import Designs, DesignSpace
from gensynth.graph.graph import Graph, vertex
from gensynth.prototypes.detectnet import detectnet

Derived = Callable[..., DesignSpace]
Drawn = Callable[..., Designs]


def built(space: DesignSpace, **options: object) -> Graph:
    """Build the prototype with the options of some choices changed; `__` stands for a dot."""
    named = {name.replace("__", "."): option for name, option in options.items()}
    return space.apply(space.from_description(named))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def residual(prototypes: dict[str, Graph], derived: Derived) -> DesignSpace:
    return derived(prototypes["resnet"])


@pytest.fixture(scope="session")
def branched(prototypes: dict[str, Graph], derived: Derived) -> DesignSpace:
    return derived(prototypes["inception"])


def test_the_prototypes_design_is_the_prototype(space: DesignSpace) -> None:
    assert space.apply(space.prototype_design) == space.graph
    assert space.digest(space.prototype_design) == space.graph.digest


def test_equal_designs_give_equal_graphs(space: DesignSpace, drawn: Drawn) -> None:
    for design in drawn(space, 10):
        assert space.apply(design) == space.apply(tuple(design.tolist()))


def test_every_legal_design_keeps_input_and_outputs(space: DesignSpace, drawn: Drawn) -> None:
    before = {name: space.graph.shapes[source] for name, source in space.graph.outputs}
    for design in drawn(space, 100):
        after = space.apply(design)
        assert after.vertices[0] == space.graph.vertices[0]
        assert {name: after.shapes[source] for name, source in after.outputs} == before


def test_regions_that_are_left_keep_name_and_kind(space: DesignSpace, drawn: Drawn) -> None:
    kinds = {r.name: r.kind for r in space.graph.regions}
    for design in drawn(space, 50):
        after = space.apply(design)
        option = space.describe(design)
        for region in after.regions:
            assert kinds[region.name] == region.kind
            assert option.get(f"{region.name}.keep", True)


def test_a_width_changes_the_members_of_its_group(residual: DesignSpace) -> None:
    after = built(residual, stem__conv__width=8)
    narrow = {v.name for v in residual.graph.vertices if after.shapes[v.name][0] == 8}
    was = {v.name for v in residual.graph.vertices if residual.graph.shapes[v.name][0] == 16}
    inner = {n for n in was if n.split(".")[-1] in ("conv1", "norm1", "relu1")}
    assert narrow == was - inner


def test_what_is_narrower_drops_no_more_channels_than_it_can_spare(derived: Derived) -> None:
    graph = detectnet((3, 32, 32), 1, width=0.25, norm="batch", large_kernel=5, dropout=0.4)
    space = derived(graph)
    assert built(space).by_name["dropout"]["rate"] == 0.4
    whole = graph.shapes["dropout"][0]
    lost = graph.shapes["inception5b.pool.project.relu"][0]
    fewer = built(space, inception5b__pool__keep=False)
    assert fewer.by_name["dropout"]["rate"] == pytest.approx(1 - 0.6 * whole / (whole - lost))
    narrow = built(space, inception5b__one__keep=False, inception5b__middle__keep=False)
    assert narrow.by_name["dropout"]["rate"] == 0


def test_dropping_a_block_reads_its_entry_instead(residual: DesignSpace) -> None:
    after = built(residual, stage1__block1__keep=False)
    before = residual.graph
    assert not [v for v in after.vertices if v.name.startswith("stage1.block1.")]
    assert not [r for r in after.regions if r.name.startswith("stage1.block1")]
    assert len(after.vertices) == len(before.vertices) - 7
    follower = next(r for r in after.regions if r.name == "stage1.block2")
    assert follower.entry == "stage1.block0.relu"
    assert after.by_name["stage1.block2.add"].inputs[1] == "stage1.block0.relu"


def test_dropping_all_blocks_of_a_stage_leads_back_to_the_stem(residual: DesignSpace) -> None:
    every = {f"stage1__block{b}__keep": False for b in range(3)}
    after = built(residual, **every)
    assert after.by_name["stage2.block0.shortcut"].inputs == ("stem.relu",)


def test_dropping_a_branch_narrows_the_concat(branched: DesignSpace) -> None:
    after = built(branched, a__3x3__keep=False)
    assert after.by_name["a.join"].inputs == ("a.1x1.unit.relu", "a.double.join")
    assert after.shapes["a.join"] == (12, 16, 16)
    assert "a.3x3" not in {r.name for r in after.regions}


def test_a_concat_of_one_branch_is_that_branch(branched: DesignSpace) -> None:
    after = built(branched, a__3x3__keep=False, a__1x1__keep=False, a__double__left__keep=False)
    assert not {"a.join", "a.double.join"} & set(after.by_name)
    assert after.by_name["b.pool.max"].inputs == ("a.double.right.unit.relu",)
    regions = {r.name: r for r in after.regions}
    assert regions["a.double"].exit == regions["a.double.right"].exit == "a.double.right.unit.relu"


def test_a_value_that_only_dropped_branches_read_goes_too(
    prototypes: dict[str, Graph], derived: Derived
) -> None:
    old = prototypes["gated"]
    extra = vertex("stray", "conv", ["stem.relu"], channels=2, kernel=1)
    vertices = [
        vertex(v.name, v.operation, ["stray"], **dict(v.attributes))
        if v.name == "one.new.unit.conv"
        else v
        for v in old.vertices
    ]
    vertices.insert(4, extra)
    regions = [replace(r, entry="stray") if r.name == "one.new" else r for r in old.regions]
    space = derived(Graph(tuple(vertices), tuple(regions), old.outputs))
    design = space.from_description({"one.new.keep": False})
    assert "stray" not in space.apply(design).by_name
    assert not space.active(np.array([design]))[0, space.position["stray.width"]]


def test_strides_change_together_and_reach_rewritten_bodies(residual: DesignSpace) -> None:
    for operation in residual.choices[residual.position["stage2.block0.body.operation"]].options:
        after = built(residual, downsampling="2-1-2", stage2__block0__body__operation=operation)
        assert after.by_name["stem.conv"]["stride"] == 2
        assert after.by_name["stage2.block0.shortcut"]["stride"] == 1
        assert after.shapes["stage2.block0.add"][1:] == (16, 16)
        assert after.shapes["stage3.block2.relu"][1:] == (8, 8)


def test_a_rewritten_body_ends_in_its_regions_exit(residual: DesignSpace) -> None:
    after = built(
        residual,
        stage1__block0__body__operation="inverted_bottleneck_se",
        stage1__block0__body__kernel=5,
        stage1__block0__body__conv1__width=8,
    )
    body = next(r for r in after.regions if r.name == "stage1.block0.body")
    assert body.vertices[0] == "stage1.block0.body.expand"
    assert body.exit == body.vertices[-1] == "stage1.block0.body.project_norm"
    assert after.by_name["stage1.block0.add"].inputs == (body.exit, "stem.relu")
    assert after.by_name["stage1.block0.body.expand"]["channels"] == 24
    assert after.by_name["stage1.block0.body.depthwise"]["kernel"] == 5
    assert after.by_name["stage1.block0.body.squeeze"]["channels"] == 6


def test_a_kernel_changes_a_dense_body_under_its_old_names(residual: DesignSpace) -> None:
    after = built(residual, stage3__block1__body__kernel=5)
    changed = {v.name for v in after.vertices if v != residual.graph.by_name[v.name]}
    assert changed == {"stage3.block1.body.conv1", "stage3.block1.body.conv2"}
