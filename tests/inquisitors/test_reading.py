"""Rows read at a place against the values of one pass over everything."""

import numpy as np
import pytest
import torch

from gensynth.inquisitors import reading
from gensynth.inquisitors.probe import Stimulus
from gensynth.inquisitors.reading import anywhere, per_image, per_position, per_value, read
from gensynth.network.graph_network import GraphNetwork, evaluating
from gensynth.prototypes.resnet import resnet

PLACES = ["stem.relu", "stage2.block0.relu", "flatten"]


@pytest.fixture
def network() -> GraphNetwork:
    return GraphNetwork(resnet((1, 8, 8), 4, depth=8, widths=(4, 8, 8)))


@pytest.fixture
def images() -> torch.Tensor:
    return torch.randn(30, 1, 8, 8, generator=torch.Generator().manual_seed(0))


def test_one_row_per_image_is_the_average_over_space(
    network: GraphNetwork, images: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH_BYTES", 20_000)  # several batches, the last one smaller
    classes = torch.arange(30) % 4
    stimulus = Stimulus(images, classes, 4)
    rows = dict(read(network, stimulus, dict.fromkeys(PLACES, per_image(stimulus))))
    with evaluating(network):
        _, values = network.forward_with(images, PLACES)
    assert list(rows) == PLACES
    for place, one in rows.items():
        value = values[place]
        expected = value.mean((2, 3)) if value.ndim == 4 else value
        np.testing.assert_allclose(one.features, expected.numpy(), atol=1e-5)
        np.testing.assert_array_equal(one.classes, classes.numpy())
        np.testing.assert_array_equal(one.images, np.arange(30))


def test_positions_have_the_class_at_their_centre_and_the_value_there(
    network: GraphNetwork, images: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH_BYTES", 20_000)
    classes = torch.randint(-1, 4, (30, 16, 16), generator=torch.Generator().manual_seed(1))
    stimulus = Stimulus(images, classes, 4)
    place = "stage2.block0.relu"  # a grid of 4 x 4: its cells are 4 x 4 in the classes
    wanted = per_position(stimulus, 4, 4, 10_000, np.random.default_rng(0))
    ((_, one),) = read(network, stimulus, {place: wanted})
    with evaluating(network):
        _, values = network.forward_with(images, [place])
    told = classes[:, 2::4, 2::4]
    valid = told >= 0
    np.testing.assert_array_equal(one.classes, told[valid].numpy())
    np.testing.assert_array_equal(one.images, np.nonzero(valid.numpy())[0])
    expected = values[place].permute(0, 2, 3, 1)[valid]
    np.testing.assert_allclose(one.features, expected.numpy(), atol=1e-5)


def test_positions_are_bounded_and_balanced_over_classes() -> None:
    classes = torch.zeros(10, 8, 8, dtype=torch.int64)
    classes[:, 0, 0] = 1
    classes[:, :, 4:] = 2
    stimulus = Stimulus(torch.zeros(10, 1, 8, 8), classes, 3)
    wanted = per_position(stimulus, 8, 8, 90, np.random.default_rng(0))
    assert np.bincount(wanted.classes.numpy()).tolist() == [30, 10, 30]
    assert wanted.y is not None
    assert wanted.x is not None
    rows = torch.stack([wanted.images, wanted.y, wanted.x], dim=1).tolist()
    assert len({tuple(row) for row in rows}) == 70


def test_positions_with_numbers_bring_those_at_their_centre() -> None:
    values = torch.full((10, 2, 16, 16), torch.nan)
    values[3:5, :, 4:8, 8:12] = torch.arange(2.0)[:, None, None] + 5
    values[4, 0, 6, 10] = 9
    stimulus = Stimulus(torch.zeros(10, 1, 8, 8), torch.zeros(10, 16, 16).long(), 1, values)
    wanted = per_value(stimulus, 4, 4, 100, np.random.default_rng(0))
    assert wanted.values is not None
    assert wanted.values.tolist() == [[5, 6], [9, 6]]
    assert wanted.images.tolist() == [3, 4]
    assert wanted.y is not None
    assert wanted.x is not None
    assert (wanted.y.tolist(), wanted.x.tolist()) == ([1, 1], [2, 2])
    assert len(per_value(stimulus, 16, 16, 7, np.random.default_rng(0)).images) == 7
    with pytest.raises(ValueError, match="asks for no numbers"):
        per_value(Stimulus(values, values[:, 0].long(), 1), 4, 4, 9, np.random.default_rng(0))


def test_places_keep_their_rows_apart_when_some_images_have_none(
    network: GraphNetwork, images: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH_BYTES", 1)  # an image at a time
    classes = torch.randint(0, 4, (30, 16, 16), generator=torch.Generator().manual_seed(2))
    classes[10:20] = 255  # nothing is known of these
    stimulus = Stimulus(images, classes, 4)
    grids = {"stem.relu": 8, "stage2.block0.relu": 4}
    wanted = {
        name: per_position(stimulus, side, side, rows, np.random.default_rng(0))
        for (name, side), rows in zip(grids.items(), [37, 90], strict=True)
    }
    with evaluating(network):
        _, values = network.forward_with(images, list(grids))
    for name, one in read(network, stimulus, wanted):
        at = wanted[name]
        expected = values[name][at.images, :, at.y, at.x]
        np.testing.assert_allclose(one.features, expected.numpy(), atol=1e-5)
        assert not set(range(10, 20)) & set(one.images.tolist())


def test_nothing_is_read_where_no_place_has_rows(
    network: GraphNetwork, images: torch.Tensor
) -> None:
    assert list(read(network, Stimulus(images, torch.zeros(30), 1), {})) == []


def test_anywhere_draws_positions_once_each_in_the_order_of_images() -> None:
    at = anywhere(10, 3, 5, 60, np.random.default_rng(0))
    assert at.y is not None
    assert at.x is not None
    assert len(set(zip(at.images.tolist(), at.y.tolist(), at.x.tolist(), strict=True))) == 60
    assert torch.equal(at.images, at.images.sort().values)
    assert (int(at.images.max()), int(at.y.max()), int(at.x.max())) == (9, 2, 4)
    assert len(anywhere(10, 3, 5, 1000, np.random.default_rng(0)).images) == 150
