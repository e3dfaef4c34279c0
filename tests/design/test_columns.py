"""What stays in many designs at once, against the graphs that the designs build."""

from collections.abc import Callable

import numpy as np
import pytest

from gensynth.design.columns import survival, widths
from gensynth.design.layout import layout
from gensynth.design.space import Designs, DesignSpace
from gensynth.errors import InvalidDesign

Drawn = Callable[..., Designs]


def test_what_is_alive_and_its_width_are_as_built(space: DesignSpace, drawn: Drawn) -> None:
    designs, plan = drawn(space, 100), layout(space.graph, space.choices, 2)
    alive, wide = survival(plan, designs).alive, widths(plan, designs)
    rewritten = {v.name for body, _ in plan.bodies.values() for v in body.chain}
    for place, design in enumerate(designs):
        after = space.apply(design)
        for v in space.graph.vertices:
            if v.name not in rewritten and v.operation != "concat":
                assert (v.name in after.by_name) == alive[v.name][place], v.name
            if v.name in after.by_name:
                assert after.shapes[v.name][0] == wide[plan.group_of[v.name]][place], v.name


def test_an_inactive_choice_changes_nothing(space: DesignSpace, drawn: Drawn) -> None:
    designs, others = drawn(space, 200), drawn(space, 200, seed=1)
    active = space.active(designs)
    assert space.size < 1e4 or not active.all()
    for design, other, mask in zip(designs, others, active, strict=True):
        changed = np.where(mask, design, other)
        assert space.legal(changed[None])[0]
        assert space.digest(changed) == space.digest(design)
    canonical = space.canonical(designs)
    assert (space.canonical(canonical) == canonical).all()
    assert space.digest(canonical[0]) == space.digest(designs[0])


def test_an_active_choice_of_the_prototype_changes_the_graph(space: DesignSpace) -> None:
    own = np.array(space.prototype_design)
    assert space.active(own[None]).all()
    for index, choice in enumerate(space.choices):
        for option in set(range(len(choice.options))) - {choice.prototype}:
            changed = own.copy()
            changed[index] = option
            assert space.digest(changed) != space.graph.digest, choice.name


def test_choices_inside_a_dropped_region_are_inactive(space: DesignSpace) -> None:
    for choice in space.choices:
        if choice.kind == "keep":
            region = next(r for r in space.graph.regions if r.name == choice.target)
            dropped = list(space.prototype_design)
            dropped[space.position[choice.name]] = 0
            active = space.active(np.array([dropped]))[0]
            assert active[space.position[choice.name]]
            for other, mask in zip(space.choices, active, strict=True):
                inside = other.target.startswith(f"{region.name}.")
                shared = other.kind == "width" and mask
                assert not (inside and mask) or shared, other.name


@pytest.mark.parametrize(
    ("dropped", "mended"),
    [
        (["a.1x1", "a.3x3", "a.double"], ["a.1x1"]),
        (["a.double.left", "a.double.right"], ["a.double.left"]),
        (["b.conv", "b.deep", "b.pool", "a.1x1", "a.3x3", "a.double"], ["b.conv", "a.1x1"]),
        (["a.double", "a.double.left", "a.double.right"], []),
        (["a.1x1", "a.double"], []),
    ],
)
def test_a_concat_keeps_an_input(
    inception: DesignSpace, dropped: list[str], mended: list[str]
) -> None:
    design = np.array([inception.prototype_design])
    for name in dropped:
        design[0, inception.position[f"{name}.keep"]] = 0
    assert inception.legal(design)[0] == (not mended)
    repaired = inception.repair(design)
    assert inception.legal(repaired)[0]
    changed = [
        inception.choices[index].target for index in np.flatnonzero(design[0] != repaired[0])
    ]
    assert sorted(changed) == sorted(mended)
    if mended:
        with pytest.raises(InvalidDesign, match="design 0 drops all inputs of a concat"):
            inception.apply(design[0])
        with pytest.raises(InvalidDesign, match="design 1 drops all inputs of a concat"):
            inception.costs(np.concatenate([repaired, design]))


def test_repair_leaves_legal_designs_alone_and_its_input_unchanged(space: DesignSpace) -> None:
    rng = np.random.default_rng(2)
    raw = rng.integers(0, space.options_per_choice, (500, len(space.choices)))
    before, legal = raw.copy(), space.legal(raw)
    repaired = space.repair(raw)
    assert (raw == before).all()
    assert space.legal(repaired).all()
    assert ((repaired == raw).all(axis=1) == legal).all()
