"""The probe on networks: what it finds, where, and what it costs."""

import numpy as np
import pytest
import torch

from gensynth.errors import ConfigurationError, DataError
from gensynth.inquisitors.places import places
from gensynth.inquisitors.probe import Stimulus
from gensynth.network.graph_network import GraphNetwork
from gensynth.prototypes.resnet import resnet
from gensynth_plugins.mutual_info.mutual_info import MutualInfo


@pytest.fixture
def network() -> GraphNetwork:
    return GraphNetwork(resnet((1, 8, 8), 4, depth=8, widths=(4, 8, 8)))


def probe(images: int = 400) -> MutualInfo:
    return MutualInfo(images=images, positions=2000, folds=5, shrinkage=0.05)


def bright_images(classes: torch.Tensor) -> Stimulus:
    """Images of noise on a level that tells the class."""
    noise = torch.randn(len(classes), 1, 8, 8, generator=torch.Generator().manual_seed(0))
    return Stimulus(noise + classes[:, None, None, None].float(), classes, 4)


def test_information_that_is_there_is_found_at_every_place(network: GraphNetwork) -> None:
    stimulus = bright_images(torch.arange(400) % 4)
    responses = probe().respond(network, stimulus)
    assert tuple(r.place for r in responses) == places(network.graph)
    for response in responses:
        assert response.quantity == "usable_class_information_bits"
        assert 0.7 < response.curve[-1] <= 2.0


def test_information_that_is_not_there_is_not_found(network: GraphNetwork) -> None:
    stimulus = bright_images(torch.arange(400) % 4)
    shuffled = stimulus.classes[torch.randperm(400, generator=torch.Generator().manual_seed(1))]
    for response in probe().respond(network, Stimulus(stimulus.inputs, shuffled, 4)):
        assert np.abs(response.curve).max() < 0.05


def test_a_dead_channel_adds_nothing_and_comes_last(network: GraphNetwork) -> None:
    with torch.no_grad():
        for key in ("stem__norm", "stem__conv"):
            next(network.vertices[key].parameters())[1] = 0
    response = probe().respond(network, bright_images(torch.arange(400) % 4))[0]
    assert response.place == "stem.relu"
    assert response.order[-1] == 1
    assert response.curve[1] == pytest.approx(response.curve[0])


def test_classes_per_position_are_read_per_position(network: GraphNetwork) -> None:
    images = torch.randn(40, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    bright = (images[:, 0] > 0).long()
    split = Stimulus(images, bright, 2)
    stimulus = probe(images=30).stimuli(split, np.random.default_rng(0))
    assert stimulus.inputs.shape == (30, 1, 8, 8)
    responses = probe(images=30).respond(network, stimulus)
    shapes = network.graph.shapes
    assert [r.place for r in responses] == [
        place for place in places(network.graph) if shapes[place][1:] != (1, 1)
    ]
    assert responses[0].place == "stem.relu"
    assert responses[0].curve[-1] > 0.15
    mixed = Stimulus(stimulus.inputs, stimulus.classes.flip(0), 2)
    assert max(probe(images=30).respond(network, mixed)[0].curve) < 0.05


@pytest.mark.parametrize(
    ("key", "value"), [("images", 2), ("positions", 1), ("folds", 2), ("shrinkage", 0.0)]
)
def test_values_out_of_range_are_named(key: str, value: float) -> None:
    settings = {"images": 100, "positions": 100, "folds": 5, "shrinkage": 0.1, key: value}
    with pytest.raises(ConfigurationError, match=f"{key}={value}"):
        MutualInfo(**settings)  # type: ignore[arg-type]


def test_too_few_images_are_named(network: GraphNetwork) -> None:
    with pytest.raises(DataError, match="3 images for 5 folds"):
        probe().respond(network, bright_images(torch.arange(3)))


def test_numbers_at_positions_have_a_curve_of_their_own(network: GraphNetwork) -> None:
    rng = torch.Generator().manual_seed(0)
    images = torch.randn(60, 1, 8, 8, generator=rng)
    inside = torch.zeros(60, 8, 8, dtype=torch.int64)
    inside[:, 2:6, 2:6] = 1
    values = torch.stack([images[:, 0], torch.randn(60, 8, 8, generator=rng)], dim=1)
    split = Stimulus(images, inside, 2, values.masked_fill(inside[:, None] == 0, torch.nan))
    stimulus = probe(images=50).stimuli(split, np.random.default_rng(0))
    assert stimulus.values is not None
    assert len(stimulus.values) == 50
    responses = probe(images=50).respond(network, stimulus)
    quantities = [response.quantity for response in responses]
    half = len(quantities) // 2
    assert quantities[:half] == ["usable_class_information_bits"] * half
    assert quantities[half:] == ["usable_value_information_bits"] * half
    assert [r.place for r in responses[:half]] == [r.place for r in responses[half:]]
    assert responses[half].place == "stem.relu"
    assert responses[half].curve[-1] > 0.3  # of the pixel's own brightness
    noise = Stimulus(
        stimulus.inputs, stimulus.classes, 2, stimulus.values[:, 1:].expand(-1, 2, -1, -1)
    )
    assert np.abs(probe(images=50).respond(network, noise)[half].curve).max() < 0.1
