"""Warped images and labels stay together; moves are a function of the epoch and the image."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from gensynth.data.warp import VOID, Warp
from gensynth.errors import ConfigurationError

STILL = Warp(smallest=1.0, largest=1.0, flip=False, colour=0.0, seed=0)


def warp(**changes: float | bool) -> Warp:
    defaults = {"smallest": 0.7, "largest": 1.6, "flip": True, "colour": 0.0, "seed": 0}
    return Warp(**(defaults | changes))  # type: ignore[arg-type]


def moved(one: Warp, images: Tensor, labels: Tensor, epoch: int = 0) -> tuple[Tensor, Tensor]:
    indices = torch.arange(len(images))
    moves = torch.from_numpy(one.moves(epoch, len(images)))
    size = images.shape[1], images.shape[2]
    return one.images(images, indices, moves), one.targets(labels, moves, size)


def blocks(n: int, side: int, labels_side: int) -> tuple[Tensor, Tensor]:
    """Images whose brightness says the label: 20 x label, in blocks of a quarter of the side."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 11, (n, 4, 4))
    image, labels = (np.kron(coarse, np.ones((s // 4, s // 4), int)) for s in (side, labels_side))
    pixels = torch.from_numpy((20 * image).astype(np.uint8))[..., None].repeat(1, 1, 1, 3)
    return pixels.contiguous(), torch.from_numpy(labels.astype(np.uint8))


def test_without_moves_nothing_changes() -> None:
    images, labels = blocks(3, 16, 16)
    found, found_labels = moved(STILL, images, labels)
    torch.testing.assert_close(found, images.float(), atol=1e-3, rtol=0)
    assert torch.equal(found_labels, labels)


def test_a_mirror_image_is_mirrored_exactly() -> None:
    images, labels = blocks(32, 16, 16)
    one = warp(smallest=1.0, largest=1.0)
    found, found_labels = moved(one, images, labels)
    mirrored = torch.from_numpy(one.moves(0, 32))[:, 3] < 0
    assert 4 < int(mirrored.sum()) < 28
    expected = torch.where(mirrored.view(-1, 1, 1), labels.flip(2), labels)
    assert torch.equal(found_labels, expected)
    torch.testing.assert_close(found[..., 0], 20.0 * expected, atol=1e-3, rtol=0)


@pytest.mark.parametrize("labels_side", [64, 128])
@settings(deadline=None, max_examples=25, derandomize=True)
@given(smallest=st.floats(0.5, 1.5), span=st.floats(1.0, 2.0), epoch=st.integers(0, 9))
def test_labels_follow_images(labels_side: int, smallest: float, span: float, epoch: int) -> None:
    images, labels = blocks(6, 64, labels_side)
    one = warp(smallest=smallest, largest=smallest * span)
    found, found_labels = moved(one, images, labels, epoch)
    known = found_labels != VOID
    # Between blocks an image is interpolated; everywhere else brightness and label must agree.
    agree = (found[..., 0] - 20.0 * found_labels).abs() < 1.0
    assert float(agree[known].float().mean()) > 0.75
    inside = known & agree
    assert inside.any()
    assert (found_labels[known] <= 10).all()


def test_enlarged_images_fill_the_frame_and_reduced_ones_leave_void() -> None:
    images, labels = blocks(8, 32, 32)
    larger = moved(warp(smallest=1.2, largest=2.0), images, labels)[1]
    smaller = moved(warp(smallest=0.5, largest=0.5), images, labels)[1]
    assert not (larger == VOID).any()
    share = (smaller != VOID).float().mean(dim=(1, 2))
    torch.testing.assert_close(share, torch.full((8,), 0.25), atol=0.05, rtol=0)


def test_moves_depend_on_epoch_and_image_alone() -> None:
    one = warp(colour=0.3)
    np.testing.assert_array_equal(one.moves(3, 5), one.moves(3, 9)[:5])
    assert not np.array_equal(one.moves(3, 5), one.moves(4, 5))
    zoom = one.moves(0, 4000)[:, 0]
    assert zoom.min() >= 0.7
    assert zoom.max() <= 1.6
    assert np.median(np.log(zoom)) == pytest.approx(np.log(0.7 * 1.6) / 2, abs=0.03)


def test_colours_change_without_leaving_the_range() -> None:
    rng = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (40, 8, 8, 3), generator=rng, dtype=torch.uint8)
    labels = torch.zeros(40, 8, 8, dtype=torch.uint8)
    one = warp(smallest=1.0, largest=1.0, flip=False, colour=0.4)
    found = moved(one, images, labels)[0]
    assert float(found.min()) >= 0
    assert float(found.max()) <= 255
    moves = one.moves(0, 40)[:, 4:]
    assert moves.min() >= 0.6
    assert moves.max() <= 1.4
    grey = found.mean(dim=(1, 2, 3)) / images.float().mean(dim=(1, 2, 3))
    np.testing.assert_allclose(grey, moves[:, 0], rtol=0.15)  # bright pixels are cut off
    one_channel = moved(one, images[..., :1].contiguous(), labels)[0]
    assert one_channel.shape == (40, 8, 8, 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"smallest": 0.0}, "smallest=0.0 must be above 0"),
        ({"smallest": 2.0, "largest": 1.0}, "smallest=2.0 must be above 0 and at most largest=1.0"),
        ({"colour": 1.0}, "colour=1.0 must be from 0 to below 1"),
    ],
)
def test_wrong_settings_are_refused(changes: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        warp(**changes)
