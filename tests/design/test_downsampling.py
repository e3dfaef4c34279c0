"""Where resolution is lowered, and which strides are offered."""

from collections.abc import Callable, Iterable

import pytest

from gensynth.design import downsampling
from gensynth.graph.graph import Graph, Vertex, vertex

Chain = Callable[[Iterable[Vertex]], Graph]
NOTHING: frozenset[str] = frozenset()


def test_points_of_a_residual_network(prototypes: dict[str, Graph]) -> None:
    assert downsampling.points(prototypes["resnet"]) == (
        ("stem.conv",),
        ("stage2.block0.body.conv1", "stage2.block0.shortcut"),
        ("stage3.block0.body.conv1", "stage3.block0.shortcut"),
    )


def test_points_of_branches_with_a_pool(prototypes: dict[str, Graph]) -> None:
    stem, later = downsampling.points(prototypes["inception"])
    assert stem == ("stem.conv",)
    assert later == ("b.conv.body.unit.conv", "b.deep.first.conv", "b.pool.max")


def test_options_are_own_doubled_and_early(prototypes: dict[str, Graph]) -> None:
    options = downsampling.options(prototypes["resnet"], NOTHING)
    assert options == ("1-2-2", "2-2-2", "2-1-2", "2-2-1")


def test_early_downsampling_ends_at_the_prototypes_resolution(prototypes: dict[str, Graph]) -> None:
    graph = prototypes["resnet"]
    sizes = {
        option: downsampling.strided_shapes(graph, downsampling.strides(graph, option))
        for option in downsampling.options(graph, NOTHING)
    }
    last = "stage3.block2.relu"
    assert {option: shapes[last][1] for option, shapes in sizes.items()} == {
        "1-2-2": 8, "2-2-2": 4, "2-1-2": 8, "2-2-1": 8,
    }  # fmt: skip


def test_dense_outputs_keep_their_grid(prototypes: dict[str, Graph]) -> None:
    assert downsampling.options(prototypes["fusion"], NOTHING) == ("2-2",)


def test_a_dense_output_s_grid_may_be_reached_earlier(chain: Chain) -> None:
    graph = chain(
        [
            vertex("one", "conv", ["input"], channels=4, kernel=3, stride=2),
            vertex("two", "max_pool", ["one"], kernel=3, stride=2),
            vertex("three", "conv", ["two"], channels=4, kernel=3, stride=2),
        ]
    )
    assert downsampling.options(graph, NOTHING) == ("2-2-2", "4-1-2", "4-2-1")


def test_frozen_points_keep_their_strides(prototypes: dict[str, Graph]) -> None:
    graph = prototypes["resnet"]
    assert downsampling.options(graph, frozenset({"stem.conv"})) == ()
    later = frozenset({"stage2.block0.shortcut"})
    assert downsampling.options(graph, later) == ("1-2-2", "2-2-2", "2-2-1")


@pytest.mark.parametrize("stride", [1, 2])
def test_a_plain_chain_has_points_behind_its_stem(chain: Chain, stride: int) -> None:
    graph = chain(
        [
            vertex("one", "conv", ["input"], channels=4, kernel=3, stride=stride),
            vertex("relu", "relu", ["one"]),
            vertex("two", "conv", ["relu"], channels=4, kernel=3, stride=2),
            vertex("pool", "global_avg_pool", ["two"]),
        ]
    )
    assert downsampling.points(graph) == (("one",), ("two",))
    assert downsampling.options(graph, NOTHING)[0] == f"{stride}-2"


def test_strides_that_do_not_fit_together_are_not_offered(chain: Chain) -> None:
    graph = chain(
        [
            vertex("stem", "conv", ["input"], channels=11, kernel=3),
            vertex("sum", "add", ["stem", "input"]),
            vertex("low", "conv", ["sum"], channels=4, kernel=3, stride=2),
            vertex("pool", "global_avg_pool", ["low"]),
        ]
    )
    assert downsampling.options(graph, NOTHING) == ("1-2",)
