"""Images in memory against the arrays they came from."""

import numpy as np
import torch

from gensynth.data.normalisation import Normalisation
from gensynth.data.partition import Partition
from gensynth.data.shift import Shift
from gensynth.data.store import Contents, Store

RNG = np.random.default_rng(0)
CONTENTS = Contents(
    RNG.integers(0, 256, (30, 6, 6, 3), dtype=np.uint8), np.arange(30, dtype=np.int64) % 3, "made"
)
PARTITION = Partition(search_images=6, confirm_images=3, train_images=None, seed=0)


def store(shift: int = 2) -> Store:
    return Store(
        CONTENTS,
        partition=PARTITION,
        augmentation=Shift(shift=shift, flip=False, border="zero", seed=0),
        normalisation=Normalisation(mean=(0, 0, 0), std=(1, 1, 1), pixels=36),
        device=torch.device("cpu"),
    )


def test_splits_hold_the_pixels_and_targets_that_were_read() -> None:
    for split, members in PARTITION.divide(CONTENTS.targets).items():
        images, targets = store().split(split)
        np.testing.assert_array_equal(images.numpy(), CONTENTS.images[members])
        np.testing.assert_array_equal(targets.numpy(), CONTENTS.targets[members])
    assert store().counts == {"train": 21, "search": 6, "confirm": 3}
    assert store().training_images == 30


def test_without_shift_an_augmented_image_is_the_image() -> None:
    still = store(shift=0)
    indices = torch.tensor([5, 0])
    assert torch.equal(still.augmented(0, indices), still.normal(still.split("train")[0][indices]))


def test_epochs_can_be_asked_for_in_any_order() -> None:
    one, indices = store(), torch.arange(21)
    first, second = one.augmented(0, indices), one.augmented(1, indices)
    assert torch.equal(first, one.augmented(0, indices))
    assert not torch.equal(first, second)


def test_tensors_made_under_inference_mode_can_be_trained_on() -> None:
    with torch.inference_mode():
        one = store()
        one.augmented(0, torch.arange(3))
    weights = torch.zeros(3 * 36, 3, requires_grad=True)
    searched, targets = one.split("search")
    for images, wanted in (
        (one.augmented(0, torch.arange(6)), one.split("train")[1][:6]),
        (one.normal(searched), targets),
    ):
        torch.nn.functional.cross_entropy(images.flatten(1) @ weights, wanted).backward()  # type: ignore[no-untyped-call]
    assert weights.grad is not None
    assert weights.grad.abs().sum() > 0


def test_read_only_arrays_become_tensors_that_may_be_written() -> None:
    images = CONTENTS.images.copy()
    images.flags.writeable = False  # as those mapped from a file are
    one = store()
    one.hold("test", images, CONTENTS.targets)
    np.testing.assert_array_equal(one.split("test")[0].numpy(), images)
