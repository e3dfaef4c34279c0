"""Weights without a graph are taken where every name and shape fits, and refused by name."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from gensynth.errors import DataError
from gensynth.graph.graph import Graph
from gensynth.network.digest import weights_digest
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.plain_weights import load_plain

Tensors = dict[str, Tensor]


@pytest.fixture
def network(mixed: Callable[..., Graph]) -> GraphNetwork:
    return GraphNetwork(mixed(), torch.Generator().manual_seed(5))


def as_they_are(tensors: Tensors) -> Tensors:
    return tensors


def with_dots(tensors: Tensors) -> Tensors:
    short = {name.removeprefix("vertices."): t for name, t in tensors.items()}
    return {name.replace("__", "."): t for name, t in short.items()}


@pytest.mark.parametrize("named", [as_they_are, with_dots])
def test_weights_come_back_under_either_name(
    network: GraphNetwork, tmp_path: Path, named: Callable[[Tensors], Tensors]
) -> None:
    path = tmp_path / "weights.safetensors"
    save_file(named(network.state_dict()), path, metadata={"format": "pt"})
    again = load_plain(path, network.graph)
    assert weights_digest(again) == weights_digest(network)
    assert not again.training


def test_other_precisions_are_converted(network: GraphNetwork, tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_file({name: t.double() for name, t in network.state_dict().items()}, path)
    assert weights_digest(load_plain(path, network.graph)) == weights_digest(network)


def without(tensors: Tensors) -> Tensors:
    return {name: t for name, t in tensors.items() if name != "stem.conv.weight"}


def wider(tensors: Tensors) -> Tensors:
    return tensors | {"stem.norm.bias": torch.zeros(9)}


def more(tensors: Tensors) -> Tensors:
    return tensors | {"stem.conv.bias": torch.zeros(8)}


def twice(tensors: Tensors) -> Tensors:
    return tensors | {"vertices.stem__norm.bias": torch.ones(8)}


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        (without, "it has no tensor 'stem.conv.weight' of shape (8, 3, 3, 3)"),
        (wider, "its 'stem.norm.bias' is of shape (9,), not of shape (8,)"),
        (more, "its tensor 'stem.conv.bias' of shape (8,) has no place there"),
        (twice, "stem.norm.bias' under two names"),
    ],
)
def test_the_first_mismatch_is_named_in_one_line(
    network: GraphNetwork,
    tmp_path: Path,
    changed: Callable[[Tensors], Tensors],
    complaint: str,
) -> None:
    path = tmp_path / "weights.safetensors"
    save_file(changed(with_dots(network.state_dict())), path)
    with pytest.raises(DataError) as error:
        load_plain(path, network.graph)
    assert str(path) in str(error.value)
    assert complaint in str(error.value).replace('"', "'")
    assert "\n" not in str(error.value)


def test_what_is_no_safetensors_file_is_refused(network: GraphNetwork, tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save(network.state_dict(), path)
    with pytest.raises(DataError, match="not a safetensors file"):
        load_plain(path, network.graph)
