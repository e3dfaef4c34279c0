"""Parts account for the whole network, and changes tell what a design chose."""

from collections.abc import Callable

import numpy as np
import pytest

from gensynth.design.space import DesignSpace
from gensynth.graph.graph import Graph
from gensynth.report.parts import changes, parts

SpaceOf = Callable[[Graph], DesignSpace]
PROTOTYPES = ["resnet", "refinenet", "detectnet"]


@pytest.mark.parametrize("name", PROTOTYPES)
def test_parts_add_up_to_the_network(name: str, graphs: dict[str, Graph]) -> None:
    graph = graphs[name]
    found = parts(graph)
    assert sum(part.parameters for part in found) == graph.parameters
    assert sum(part.macs for part in found) == graph.macs


@pytest.mark.parametrize("name", PROTOTYPES)
def test_changes_add_up_to_both_networks(
    name: str, graphs: dict[str, Graph], variations: dict[str, list[Graph]]
) -> None:
    for generated in variations[name]:
        found = changes(graphs[name], generated)
        after = [change.after for change in found if change.after is not None]
        assert sum(change.before.parameters for change in found) == graphs[name].parameters
        assert sum(part.parameters for part in after) == generated.parameters
        assert sum(part.macs for part in after) == generated.macs


@pytest.mark.parametrize("name", PROTOTYPES)
def test_a_network_beside_itself_has_not_changed(name: str, graphs: dict[str, Graph]) -> None:
    found = changes(graphs[name], graphs[name])
    assert not any(change.words for change in found)
    assert all(change.before == change.after for change in found)


TOLD = {
    "pointwise": "pointwise",
    "separable": "separable",
    "bottleneck": "bottleneck",
    "inverted_bottleneck_se": "inverted bottleneck + squeeze-excite",
}


@pytest.mark.parametrize("name", PROTOTYPES)
@pytest.mark.parametrize("operation", TOLD)
def test_an_operation_that_was_chosen_is_told(
    name: str, operation: str, graphs: dict[str, Graph], space_of: SpaceOf
) -> None:
    space = space_of(graphs[name])
    for choice in space.choices:
        if choice.kind == "operation":
            design = space.from_description({choice.name: operation})
            changed = [one for one in changes(space.graph, space.apply(design)) if one.words]
            (one,) = changed
            assert one.after is not None
            assert one.after.operation == TOLD[operation]
            assert choice.target.startswith(one.before.name)


def test_dropping_widening_kernel_and_stride_are_told(
    graphs: dict[str, Graph], space_of: SpaceOf
) -> None:
    space = space_of(graphs["resnet"])

    def words(**chosen: object) -> dict[str, str]:
        design = space.from_description({k.replace("__", "."): v for k, v in chosen.items()})  # type: ignore[misc]
        return {
            c.before.name: c.words for c in changes(space.graph, space.apply(design)) if c.words
        }

    assert words(stage1__block1__keep=False) == {"stage1.block1": "dropped"}
    assert words(stage1__block1__body__conv1__width=12) == {"stage1.block1": "wider"}
    assert words(stage1__block1__body__conv1__width=4) == {"stage1.block1": "narrower"}
    assert words(stage2__block1__body__kernel=5) == {"stage2.block1": "kernel 3 → 5"}
    strides = words(downsampling="2-2-2")
    assert strides == {"stem": "stride 1 → 2"}


def test_every_dropped_block_is_a_dropped_part(graphs: dict[str, Graph], space_of: SpaceOf) -> None:
    space = space_of(graphs["resnet"])
    keeps = [choice for choice in space.choices if choice.kind == "keep"]
    rng = np.random.default_rng(0)
    for _ in range(5):
        kept = {choice.name: bool(rng.integers(2)) for choice in keeps}
        found = changes(space.graph, space.apply(space.from_description(kept)))
        dropped = {change.before.name for change in found if change.after is None}
        assert dropped == {choice.target for choice in keeps if not kept[choice.name]}
