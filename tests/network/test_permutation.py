"""A permuted network computes the same function; orders follow rankings and the width laws."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from gensynth.errors import InvalidDesign
from gensynth.graph.coupling import coupling_groups
from gensynth.graph.graph import Graph, vertex
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.permutation import channel_orders, permute
from gensynth.prototypes.resnet import resnet

Lively = Callable[..., GraphNetwork]


def random_rankings(graph: Graph, seed: int) -> dict[str, list[int]]:
    """Rank the channels of about half of all values at random."""
    rng = np.random.default_rng(seed)
    return {
        name: rng.permutation(shape[0]).tolist()
        for name, shape in graph.shapes.items()
        if rng.random() < 0.5
    }


def chain(*widths: int) -> Graph:
    """Build convolutions c0, c1, ... of these widths, each joined to the last one by a shortcut."""
    vertices = [
        vertex("input", "input", channels=3, height=4, width=4),
        vertex("c0", "conv", ["input"], channels=widths[0], kernel=1),
    ]
    last = "c0"
    for index, width in enumerate(widths[1:], start=1):
        vertices += [
            vertex(f"c{index}", "conv", [last], channels=width, kernel=1),
            vertex(f"s{index}", "shortcut", [last], channels=width),
            vertex(f"a{index}", "add", [f"c{index}", f"s{index}"]),
        ]
        last = f"a{index}"
    vertices.append(vertex("head", "conv", [last], channels=2, kernel=1))
    return Graph(tuple(vertices), (), (("out", "head"),))


@pytest.mark.parametrize("seed", range(5))
def test_permuted_network_computes_the_same_function(
    mixed: Callable[..., Graph], lively: Lively, images: Tensor, seed: int
) -> None:
    resized = {"stem": 5, "branches": (3, 8, 2), "wide": 9, "cut": 30} if seed % 2 else {}
    network = lively(mixed(**resized), seed)
    orders = channel_orders(network.graph, random_rankings(network.graph, seed))
    assert any(order != tuple(sorted(order)) for order in orders.values())
    permuted = permute(network, orders)
    before, after = network.state_dict(), permuted.state_dict()
    assert any(not torch.equal(before[name], after[name]) for name in before)
    torch.testing.assert_close(permuted(images), network(images), rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("widths", [(4, 8, 12), (4, 4, 6), (8, 4, 6)])
def test_permuted_resnet_computes_the_same_function(
    lively: Lively, widths: tuple[int, int, int]
) -> None:
    network = lively(resnet((3, 16, 16), 10, depth=14, widths=widths))
    orders = channel_orders(network.graph, random_rankings(network.graph, 7))
    images = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(2)).double()
    expected = network(images)
    torch.testing.assert_close(permute(network, orders)(images), expected, rtol=1e-5, atol=1e-9)


def test_one_ranking_becomes_the_order_of_its_group(mixed: Callable[..., Graph]) -> None:
    ranking = [3, 1, 0, 2, 7, 5, 6, 4]
    orders = channel_orders(mixed(), {"se.add": ranking})
    assert orders["stem.conv"] == tuple(ranking)
    assert all(
        order == tuple(sorted(order)) for name, order in orders.items() if name != "stem.conv"
    )


def test_a_group_is_ordered_by_average_rank() -> None:
    # Ranks of channels 0, 1, 2: (0, 1, 2) and (2, 0, 1) and (1, 0, 2) average to (1, 1/3, 5/3).
    vertices = (
        *chain(3).vertices[:2],
        vertex("act", "relu", ["c0"]),
        vertex("act2", "relu", ["act"]),
        vertex("head", "conv", ["act2"], channels=2, kernel=1),
    )
    graph = Graph(vertices, (), (("out", "head"),))
    rankings = {"c0": [0, 1, 2], "act": [1, 2, 0], "act2": [1, 0, 2]}
    assert channel_orders(graph, rankings) == {"c0": (1, 0, 2)}


def test_groups_joined_by_a_shortcut_share_the_order_of_their_first_channels() -> None:
    orders = channel_orders(chain(2, 5), {"a1": [4, 1, 2, 0, 3]})
    assert orders == {"c0": (1, 0), "c1": (1, 0, 4, 2, 3)}


def test_joined_groups_are_ranked_together() -> None:
    # Channels 0, 1, 2 rank (0, 1, 2) in one group and, among themselves, (2, 0, 1) in the other.
    orders = channel_orders(chain(3, 4), {"c0": [0, 1, 2], "a1": [3, 1, 2, 0]})
    assert orders == {"c0": (1, 0, 2), "c1": (1, 0, 2, 3)}


def test_a_ranking_of_a_concat_is_split_among_its_sources(mixed: Callable[..., Graph]) -> None:
    ranking = [14, 0, 13, 1, 12, 5, 11, 4, 10, 3, 9, 2, 8, 7, 6]
    orders = channel_orders(mixed(), {"join": ranking})
    assert orders["one.conv"] == (0, 1, 5, 4, 3, 2)
    assert orders["two.conv"] == (3, 2, 1, 0)
    assert orders["three.conv"] == (4, 3, 2, 1, 0)


def test_inputs_and_outputs_keep_their_order(mixed: Callable[..., Graph]) -> None:
    graph = mixed()
    orders = channel_orders(graph, {"input": [2, 1, 0], "classifier": [6, 5, 4, 3, 2, 1, 0]})
    frozen = {group.name for group in coupling_groups(graph) if group.frozen}
    assert frozen == {"input", "classifier"}
    assert frozen.isdisjoint(orders)
    assert all(order == tuple(sorted(order)) for order in orders.values())


def test_a_group_tied_to_the_input_keeps_those_channels_in_order() -> None:
    vertices = (
        vertex("input", "input", channels=3, height=4, width=4),
        vertex("past", "shortcut", ["input"], channels=5),
        vertex("head", "conv", ["past"], channels=2, kernel=1),
    )
    graph = Graph(vertices, (), (("out", "head"),))
    assert channel_orders(graph, {"past": [4, 3, 2, 1, 0]}) == {"past": (0, 1, 2, 4, 3)}


@pytest.mark.parametrize(
    ("rankings", "message"),
    [
        ({"nowhere": [0]}, "unknown place 'nowhere'"),
        ({"stem.conv": [0, 0, 1]}, "channels 0 to 7 once"),
    ],
)
def test_bad_rankings_are_refused(
    mixed: Callable[..., Graph], rankings: dict[str, list[int]], message: str
) -> None:
    with pytest.raises(InvalidDesign, match=message):
        channel_orders(mixed(), rankings)


@pytest.mark.parametrize(
    ("orders", "message"),
    [
        ({"input": [2, 1, 0]}, "'input' cannot be permuted"),
        ({"join": list(range(15))}, "'join' cannot be permuted"),
        ({"stem.conv": [0] * 8}, "channels 0 to 7 once"),
        ({"after.conv": [1, 0, *range(2, 12)]}, "'after.conv' and 'down.conv'.*one order"),
        ({"down.conv": [*range(19, -1, -1)]}, "first 12 channels must have one order"),
    ],
)
def test_illegal_orders_are_refused(
    mixed: Callable[..., Graph], orders: dict[str, list[int]], message: str
) -> None:
    with pytest.raises(InvalidDesign, match=message):
        permute(GraphNetwork(mixed()), orders)


def test_the_network_that_was_permuted_is_left_alone(mixed: Callable[..., Graph]) -> None:
    network = GraphNetwork(mixed())
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    permuted = permute(network, {"stem.conv": [7, 6, 5, 4, 3, 2, 1, 0]})
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())
    found = permuted.state_dict()["vertices.stem__conv.weight"]
    assert torch.equal(found, before["vertices.stem__conv.weight"].flip(0))
