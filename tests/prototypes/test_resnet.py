"""The published sizes of CIFAR ResNets (He et al. 2016, table 6), and laws of the graph."""

import pytest

from gensynth.errors import ConfigurationError, InvalidGraph
from gensynth.graph.graph import Graph
from gensynth.prototypes.resnet import resnet


@pytest.mark.parametrize(
    ("depth", "widths", "parameters", "millions_of_macs"),
    [
        (20, (16, 32, 64), 269_722, 40.55),
        (32, (16, 32, 64), 464_154, 68.86),
        (44, (16, 32, 64), 658_586, 97.17),
        (56, (16, 32, 64), 853_018, 125.49),
        (110, (16, 32, 64), 1_727_962, 252.89),
        (20, (12, 24, 48), 152_182, 22.89),
        (20, (10, 20, 40), 105_940, 15.94),
        (20, (8, 16, 32), 68_050, 10.25),
        (14, (12, 24, 48), 97_414, 14.93),
        (8, (16, 32, 64), 75_290, 12.24),
    ],
)
def test_published_sizes(
    depth: int, widths: tuple[int, ...], parameters: int, millions_of_macs: float
) -> None:
    graph = resnet((3, 32, 32), 10, depth=depth, widths=widths)
    assert graph.parameters == parameters
    assert round(graph.macs / 1e6, 2) == millions_of_macs


def counts(graph: Graph) -> dict[str, int]:
    operations = [v.operation for v in graph.vertices]
    return {operation: operations.count(operation) for operation in operations}


@pytest.mark.parametrize("depth", [8, 14, 20, 56])
def test_depth_is_the_number_of_weighted_layers(depth: int) -> None:
    found = counts(resnet((3, 32, 32), 10, depth=depth, widths=(16, 32, 64)))
    assert found["conv"] + found["linear"] == depth
    assert found["add"] == (depth - 2) // 2
    assert found["shortcut"] == 2


def test_maps_shrink_at_the_entry_of_stages_two_and_three() -> None:
    shapes = resnet((3, 32, 32), 10, depth=20, widths=(16, 32, 64)).shapes
    assert shapes["stem.relu"] == shapes["stage1.block2.relu"] == (16, 32, 32)
    assert shapes["stage2.block0.relu"] == (32, 16, 16)
    assert shapes["stage3.block2.relu"] == (64, 8, 8)


def test_blocks_and_bodies_are_regions_from_relu_to_relu() -> None:
    graph = resnet((3, 32, 32), 10, depth=14, widths=(16, 32, 64))
    by_name = {region.name: region for region in graph.regions}
    assert len(by_name) == 12
    second = by_name["stage1.block1"]
    assert (second.kind, second.entry, second.exit) == (
        "block",
        "stage1.block0.relu",
        "stage1.block1.relu",
    )
    body = by_name["stage1.block1.body"]
    assert (body.kind, body.entry, body.exit) == ("body", second.entry, f"{body.name}.norm2")


def test_other_images_and_equal_widths() -> None:
    graph = resnet((1, 8, 7), 5, depth=8, widths=(4, 4, 4))
    assert graph.input_shape == (1, 8, 7)
    assert graph.shapes["stage3.block0.relu"] == (4, 2, 2)
    assert graph.shapes[dict(graph.outputs)["logits"]] == (5,)


@pytest.mark.parametrize("depth", [-4, 2, 18, 21])
def test_a_depth_that_is_not_6n_plus_2_is_refused(depth: int) -> None:
    with pytest.raises(ConfigurationError, match=rf"6 n \+ 2.*got {depth}"):
        resnet((3, 32, 32), 10, depth=depth, widths=(16, 32, 64))


def test_wrong_widths_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"three widths.*got \[16, 32\]"):
        resnet((3, 32, 32), 10, depth=20, widths=(16, 32))
    with pytest.raises(InvalidGraph, match=r"'stem.conv'.*got 0"):
        resnet((3, 32, 32), 10, depth=20, widths=(0, 32, 64))
