"""Crops against slices taken one by one; the laws of moves."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from gensynth.data.shift import Border, Shift
from gensynth.errors import ConfigurationError

AUGMENTATION = Shift(shift=2, flip=True, border="reflect", seed=0)


def pictures(count: int, height: int, width: int, channels: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (count, height, width, channels), dtype=np.uint8)


def augment(
    augmentation: Shift, images: NDArray[np.uint8], indices: list[int], epoch: int = 0
) -> Tensor:
    padded = torch.from_numpy(augmentation.kept(images))
    chosen = torch.tensor(indices)
    moves = torch.from_numpy(augmentation.moves(epoch, len(images)))
    return augmentation.images(padded, chosen, moves[chosen])


@settings(deadline=None)
@given(
    shift=st.integers(0, 3),
    flip=st.booleans(),
    channels=st.sampled_from([1, 3]),
    border=st.sampled_from(["reflect", "zero"]),
    seed=st.integers(0, 2**64 - 1),
)
def test_crops_equal_slices_taken_one_by_one(
    shift: int, flip: bool, channels: int, border: Border, seed: int
) -> None:
    images = pictures(5, 6, 7, channels)
    augmentation = Shift(shift=shift, flip=flip, border=border, seed=seed)
    indices = [4, 0, 0, 2, 3, 1]
    moves = augmentation.moves(3, len(images))
    mode = "reflect" if border == "reflect" else "constant"
    for index, crop in zip(indices, augment(augmentation, images, indices, 3), strict=True):
        image = torch.from_numpy(images[index]).permute(2, 0, 1).double()
        top, left, mirrored = moves[index].tolist()
        oracle = F.pad(image[None], [shift] * 4, mode=mode)[0, :, top : top + 6, left : left + 7]
        if mirrored:
            oracle = oracle.flip(2)
        assert torch.equal(crop.permute(2, 0, 1).double(), oracle)


def test_an_image_is_the_same_in_every_batch_of_an_epoch() -> None:
    images = pictures(40, 8, 8, 3)
    together = augment(AUGMENTATION, images, list(range(40)))
    assert torch.equal(together[[7]], augment(AUGMENTATION, images, [7]))
    assert torch.equal(together[[9, 3]], augment(AUGMENTATION, images, [9, 3]))
    assert not torch.equal(together, augment(AUGMENTATION, images, list(range(40)), epoch=1))


def test_without_shift_and_flip_images_come_back_as_they_are() -> None:
    images = pictures(4, 5, 5, 3)
    still = Shift(shift=0, flip=False, border="reflect", seed=0)
    assert torch.equal(augment(still, images, [2, 1]), torch.from_numpy(images[[2, 1]]))


def test_moves_take_every_value_equally_often() -> None:
    moves = AUGMENTATION.moves(0, 20_000)
    for column, options in zip(moves.T, (5, 5, 2), strict=True):
        shares = np.bincount(column, minlength=options) / len(column)
        np.testing.assert_allclose(shares, 1 / options, atol=0.02)
    assert np.abs(np.corrcoef(moves.T) - np.eye(3)).max() < 0.03


def test_moves_depend_on_seed_epoch_and_image_only() -> None:
    moves = AUGMENTATION.moves(4, 50)
    np.testing.assert_array_equal(moves[:10], AUGMENTATION.moves(4, 10))
    assert not np.array_equal(moves, AUGMENTATION.moves(5, 50))
    assert not np.array_equal(moves, replace(AUGMENTATION, seed=1).moves(4, 50))


@pytest.mark.parametrize(
    ("change", "named"),
    [({"shift": -1}, "shift=-1"), ({"border": "wrap"}, "border=wrap must be one of reflect, zero")],
)
def test_impossible_settings_are_refused_by_name(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        replace(AUGMENTATION, **change)


def test_a_shift_wider_than_the_images_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="shift=2 must be below the images' 2 x 9"):
        AUGMENTATION.kept(pictures(1, 2, 9, 1))
