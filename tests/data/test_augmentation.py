"""What every augmentation promises."""

import json

import numpy as np
import pytest
import torch

from gensynth.data.augmentation import Augmentation
from gensynth.data.shift import Shift
from gensynth.data.warp import Warp

MEMBERS: list[Augmentation] = [
    Shift(shift=2, flip=True, border="reflect", seed=1),
    Warp(smallest=0.8, largest=1.3, flip=True, colour=0.2, seed=1),
]


@pytest.fixture(params=MEMBERS, ids=lambda one: type(one).__name__)
def augmentation(request: pytest.FixtureRequest) -> Augmentation:
    found: Augmentation = request.param
    return found


def test_moves_are_a_function_of_epoch_and_image(augmentation: Augmentation) -> None:
    few, many = augmentation.moves(2, 5), augmentation.moves(2, 9)
    np.testing.assert_array_equal(few, many[:5])
    assert not np.array_equal(few, augmentation.moves(3, 5))


def test_batches_have_no_say(augmentation: Augmentation) -> None:
    rng = np.random.default_rng(0)
    kept = torch.from_numpy(augmentation.kept(rng.integers(0, 256, (6, 12, 10, 3), np.uint8)))
    moves = torch.from_numpy(augmentation.moves(0, 6))
    together = augmentation.images(kept, torch.arange(6), moves)
    assert together.shape == (6, 12, 10, 3)
    for i in (4, 1):
        alone = augmentation.images(kept, torch.tensor([i]), moves[[i]])
        torch.testing.assert_close(alone[0], together[i])


def test_what_is_kept_holds_the_images_as_they_were(augmentation: Augmentation) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 12, 10, 1), np.uint8)
    plain = augmentation.plain(torch.from_numpy(augmentation.kept(images)))
    np.testing.assert_array_equal(plain, images)


def test_settings_are_plain_and_complete(augmentation: Augmentation) -> None:
    settings = json.loads(json.dumps(augmentation.settings()))
    assert type(augmentation)(**settings) == augmentation
