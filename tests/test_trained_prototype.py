"""The prototype is trained once; permuting it by rank leaves its function as it is."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from gensynth.data.digits import Digits
from gensynth.data.shift import Shift
from gensynth.errors import ConfigurationError, DataError
from gensynth.graph.graph import Graph
from gensynth.network.digest import weights_digest
from gensynth.network.graph_network import GraphNetwork, evaluating
from gensynth.network.saving import save
from gensynth.prototypes.resnet import resnet
from gensynth.records import Response
from gensynth.tasks.classification import Classification
from gensynth.trained_prototype import given_prototype, permuted_prototype, trained_prototype
from gensynth.training import Training

TASK = Classification(label_smoothing=0.0, distillation_weight=0.5, temperature=4.0)


def digits() -> Digits:
    return Digits(
        search_images=50,
        confirm_images=50,
        test_images=60,
        split_seed=0,
        train_images=64,
        size=8,
        augmentation=Shift(shift=0, flip=False, border="zero", seed=0),
    )


def recipe(prototype_epochs: int = 1) -> Training:
    return Training(
        short_epochs=1,
        long_epochs=1,
        prototype_epochs=prototype_epochs,
        batch_size=32,
        learning_rate=0.1,
        warmup=0.2,
        momentum=0.9,
        weight_decay=0.0,
        gradient_clip=0.0,
        precision="float32",
        channels_last=True,
        inherit=True,
        progress=False,
    )


@pytest.fixture(scope="module")
def graph() -> Graph:
    return resnet((1, 8, 8), 10, depth=8, widths=(4, 8, 8))


def test_it_is_trained_once_per_recipe_and_seed(
    graph: Graph, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def trained(epochs: int = 1, seed: int = 0) -> GraphNetwork:
        return trained_prototype(graph, digits(), TASK, recipe(epochs), folder=tmp_path, seed=seed)

    with caplog.at_level(logging.INFO):
        digests = [weights_digest(trained()), weights_digest(trained())]
        others = [weights_digest(trained(epochs=2)), weights_digest(trained(seed=1))]
    said = [record.getMessage().split(",")[0] for record in caplog.records]
    assert said.count("prototype: trained before") == 1
    assert digests[0] == digests[1]
    assert len({*digests, *others}) == 3


def test_what_only_a_teacher_needs_trains_no_other_prototype(
    graph: Graph, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tasks = [TASK, replace(TASK, distillation_weight=0.9, temperature=1.0)]
    tasks += [replace(one, label_smoothing=0.1) for one in tasks]
    with caplog.at_level(logging.INFO):
        digests = [
            weights_digest(
                trained_prototype(graph, digits(), one, recipe(), folder=tmp_path, seed=0)
            )
            for one in tasks
        ]
    said = [record.getMessage().split(",")[0] for record in caplog.records]
    assert said.count("prototype: trained before") == 2
    assert digests[0] == digests[1] != digests[2] == digests[3]


def test_whoever_trained_it_gets_what_all_others_read(graph: Graph, tmp_path: Path) -> None:
    first, second = (
        trained_prototype(graph, digits(), TASK, recipe(), folder=tmp_path, seed=0)
        for _ in range(2)
    )
    assert first.training == second.training
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        assert one.stride() == other.stride()
        assert torch.equal(one, other)


def test_a_given_one_must_have_the_configured_graph(graph: Graph, tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    mine = GraphNetwork(graph, torch.Generator().manual_seed(3))
    save(path, mine)
    assert weights_digest(given_prototype(graph, path)) == weights_digest(mine)
    with pytest.raises(ConfigurationError, match="another graph"):
        given_prototype(resnet((1, 8, 8), 10, depth=8, widths=(4, 8, 16)), path)
    with pytest.raises(DataError):
        given_prototype(graph, tmp_path / "nothing.safetensors")


def test_a_given_one_may_be_plain_weights(graph: Graph, tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    mine = GraphNetwork(graph, torch.Generator().manual_seed(3))
    save_file(mine.state_dict(), path)
    assert weights_digest(given_prototype(graph, path)) == weights_digest(mine)
    with pytest.raises(DataError, match="does not fit"):
        given_prototype(resnet((1, 8, 8), 10, depth=8, widths=(4, 8, 16)), path)


def test_permuting_by_rank_keeps_the_function_and_puts_the_best_first(graph: Graph) -> None:
    network = GraphNetwork(graph, torch.Generator().manual_seed(3))
    place = "stage2.block0.body.conv1"
    order = (5, 2, 7, 0, 1, 3, 4, 6)
    permuted = permuted_prototype(network, [Response("probe", place, "bits", (0.0,) * 8, order)])
    images = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    with evaluating(network), evaluating(permuted):
        torch.testing.assert_close(permuted(images), network(images))
        before = network.forward_with(images, [place])[1][place]
        after = permuted.forward_with(images, [place])[1][place]
    torch.testing.assert_close(after, before[:, list(order)])


def test_several_probes_at_one_place_decide_by_their_average_rank(graph: Graph) -> None:
    network = GraphNetwork(graph, torch.Generator().manual_seed(3))
    place = "stage2.block0.body.conv1"
    one, other = (5, 2, 7, 0, 1, 3, 4, 6), (2, 6, 5, 7, 0, 1, 3, 4)
    # Ranks summed by channel: 0: 3+4, 1: 4+5, 2: 1+0, 3: 5+6, 4: 6+7, 5: 0+2, 6: 7+1, 7: 2+3.
    expected = [2, 5, 7, 0, 6, 1, 3, 4]
    responses = [Response("a", place, "bits", (), one), Response("b", place, "%", (), other)]
    images = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    with evaluating(network):
        before = network.forward_with(images, [place])[1][place]
    for several in (responses, responses[::-1]):
        permuted = permuted_prototype(network, several)
        with evaluating(permuted):
            after = permuted.forward_with(images, [place])[1][place]
        torch.testing.assert_close(after, before[:, expected])


def test_without_an_order_it_stays_as_it_is(graph: Graph) -> None:
    network = GraphNetwork(graph, torch.Generator().manual_seed(3))
    assert permuted_prototype(network, [Response("probe", "pool", "bits", (0.0,))]) is network
