"""The digest is the identity of a trained network: its function, not its place or memory order."""

from pathlib import Path

import torch

from gensynth.network.digest import weights_digest
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import load, save
from gensynth.prototypes.resnet import resnet


def network(seed: int = 0, widths: tuple[int, int, int] = (4, 8, 8)) -> GraphNetwork:
    graph = resnet((1, 8, 8), 10, depth=8, widths=widths)
    return GraphNetwork(graph, torch.Generator().manual_seed(seed))


def test_equal_weights_have_equal_digests_wherever_they_are_kept(tmp_path: Path) -> None:
    one = network()
    digest = weights_digest(one)
    assert digest == weights_digest(network())
    assert digest == weights_digest(one.to(memory_format=torch.channels_last).train())
    save(tmp_path / "n.safetensors", one)
    assert digest == weights_digest(load(tmp_path / "n.safetensors"))


def test_one_changed_number_changes_the_digest() -> None:
    digests = {weights_digest(network()), weights_digest(network(1))}
    digests.add(weights_digest(network(widths=(4, 8, 12))))
    for name in network().state_dict():
        changed = network()
        changed.state_dict()[name].view(-1)[0] += 1
        digests.add(weights_digest(changed))
    assert len(digests) == 3 + len(network().state_dict())
