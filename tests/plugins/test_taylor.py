"""The probe on networks against networks whose channels and blocks were really removed."""

import numpy as np
import pytest
import torch
from torch import Tensor

from gensynth.errors import ConfigurationError, DataError
from gensynth.inquisitors.places import places
from gensynth.inquisitors.probe import Stimulus
from gensynth.network.graph_network import GraphNetwork, evaluating
from gensynth.prototypes.resnet import resnet
from gensynth.records import Response
from gensynth_plugins.taylor.taylor import OF_BLOCKS, OF_CHANNELS, Taylor

MANY = 800
"""Directions, so that their mean is close to that over all directions."""


@pytest.fixture
def network() -> GraphNetwork:
    """Every block does something, no branch ends in zeros."""
    network = GraphNetwork(resnet((1, 8, 8), 4, depth=8, widths=(4, 8, 8)))
    rng = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if "norm" in name and name.endswith("weight"):
                parameter.copy_(0.5 + torch.rand(parameter.shape, generator=rng))
    return network


def noise(count: int = 40) -> Stimulus:
    images = torch.randn(count, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    return Stimulus(images, torch.arange(count) % 4, 4)


def respond(network: GraphNetwork, directions: int = 8) -> dict[tuple[str, str], Response]:
    found = Taylor(images=40, directions=directions).respond(network, noise())
    return {(r.place, r.quantity): r for r in found}


def share(answers: Tensor, changed: Tensor) -> float:
    """Return the variance of a change of (n, k) answers, each over its deviation; as a share."""
    deviation = answers.std(0, correction=0)
    change = ((answers - changed) / deviation).var(0, correction=0).sum()
    return float(change / answers.shape[1])


def head(network: GraphNetwork, features: Tensor) -> Tensor:
    answers: Tensor = network.vertices["classifier"](features)
    return answers


def test_places_and_blocks_are_told_of(network: GraphNetwork) -> None:
    found = respond(network)
    curved = [place for place, quantity in found if quantity == OF_CHANNELS]
    assert tuple(curved) == places(network.graph)
    blocks = {r.exit for r in network.graph.regions if r.kind == "block" and "stage1" in r.name}
    assert blocks <= {place for place, quantity in found if quantity == OF_BLOCKS}


def test_where_only_a_linear_layer_follows_shares_are_those_of_removed_channels(
    network: GraphNetwork,
) -> None:
    last = [r.exit for r in network.graph.regions if r.kind == "block"][-1]
    with evaluating(network):
        output, values = network.forward_with(noise().inputs, [last])
        assert isinstance(output, Tensor)
        pooled = values[last].mean((2, 3))
        width = pooled.shape[1]
        lost = []
        for kept in range(width + 1):
            rest = pooled.clone()
            rest[:, kept:] = 0
            lost.append(share(output, head(network, rest)))
        alone = []
        for channel in range(width):
            rest = pooled.clone()
            rest[:, channel] = 0
            alone.append(share(output, head(network, rest)))
    found = respond(network, MANY)[last, OF_CHANNELS]
    np.testing.assert_allclose(found.curve, lost[0] - np.array(lost[1:]), atol=0.1)
    assert found.order[0] == int(np.argmax(alone))
    assert found.order[-1] == int(np.argmin(alone))


def test_where_nothing_can_pass_by_all_channels_are_the_whole_answer(
    network: GraphNetwork,
) -> None:
    # Without biases every layer is homogeneous, so answers are values x slopes (Euler).
    assert respond(network)["stem.relu", OF_CHANNELS].curve[-1] == pytest.approx(1.0, rel=1e-4)


def test_a_channel_nobody_reads_is_worth_nothing_and_comes_last(network: GraphNetwork) -> None:
    place = "stage1.block0.body.relu1"
    with torch.no_grad():
        network.vertices["stage1__block0__body__conv2"].get_parameter("weight")[:, 2] = 0
    found = respond(network)[place, OF_CHANNELS]
    assert found.order[-1] == 2
    assert found.curve[2] == pytest.approx(found.curve[1], abs=1e-6)


def test_a_block_that_adds_nothing_is_worth_nothing(network: GraphNetwork) -> None:
    block = next(r for r in network.graph.regions if r.kind == "block")
    assert respond(network)[block.exit, OF_BLOCKS].curve[0] > 0.01
    with torch.no_grad():
        network.vertices["stage1__block0__body__norm2"].get_parameter("weight").zero_()
    assert respond(network)[block.exit, OF_BLOCKS].curve[0] == pytest.approx(0.0, abs=1e-10)


def test_constants_are_worth_nothing(network: GraphNetwork) -> None:
    """What a channel adds to every answer alike, a bias can add."""
    images = noise().inputs[:1].expand(40, -1, -1, -1)
    stimulus = Stimulus(images.contiguous(), torch.arange(40) % 4, 4)
    for response in Taylor(images=40, directions=2).respond(network, stimulus):
        assert np.abs(response.curve).max() == pytest.approx(0.0, abs=1e-4)


def test_classes_and_batches_do_not_matter(
    network: GraphNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe, stimulus = Taylor(images=40, directions=4), noise()
    found = probe.respond(network, stimulus)
    other = Stimulus(stimulus.inputs, stimulus.classes.flip(0), 4)
    assert probe.respond(network, other) == found
    monkeypatch.setattr("gensynth.inquisitors.reading.BATCH_BYTES", 1)
    for one, again in zip(found, probe.respond(network, stimulus), strict=True):
        np.testing.assert_allclose(one.curve, again.curve, rtol=1e-4, atol=1e-5)


def test_no_weight_has_a_gradient_afterwards(network: GraphNetwork) -> None:
    respond(network)
    assert all(parameter.grad is None for parameter in network.parameters())
    assert not noise().inputs.requires_grad


@pytest.mark.parametrize(("images", "directions"), [(1, 8), (40, 0)])
def test_values_out_of_range_are_named(images: int, directions: int) -> None:
    with pytest.raises(ConfigurationError, match=f"images={images}, directions={directions}"):
        Taylor(images=images, directions=directions)


def test_too_few_images_are_named(network: GraphNetwork) -> None:
    with pytest.raises(DataError, match="1 images, at least 2"):
        Taylor(images=40, directions=1).respond(network, noise(1))
