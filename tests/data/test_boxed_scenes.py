"""Scenes with boxes: every whole digit has one, and nothing else."""

import numpy as np
import pytest
import torch

from gensynth.data.boxed_scenes import ENLARGED, BoxedScenes
from gensynth.data.boxes import KIND, Kind
from gensynth.data.jitter import Jitter
from gensynth.data.scenes import scenes
from gensynth.errors import ConfigurationError


def boxed(**changes: object) -> BoxedScenes:
    still = Jitter(
        shift=0,
        flip=False,
        smallest=1.0,
        largest=1.0,
        zoom_share=0.0,
        hue=0.0,
        desaturation=0.0,
        seed=0,
    )
    given = {
        "input_size": [96, 128],
        "train_images": 12,
        "search_images": 5,
        "confirm_images": 6,
        "test_images": 4,
        "seed": 0,
        "augmentation": still,
    }
    return BoxedScenes(**(given | changes))  # type: ignore[arg-type]


def test_boxes_hold_the_ink_of_the_digits_and_touch_it_on_all_sides() -> None:
    images, objects = boxed().images("train")
    assert images.shape == (12, 3, 96, 128)
    drawn = scenes("train", 12, (48, 64), seed=0)
    for rows, one in zip(objects, drawn, strict=True):
        boxes = rows[rows[:, KIND] == Kind.OBJECT][:, :4].long() // ENLARGED
        left = torch.from_numpy(one.labels > 0)
        for x1, y1, x2, y2 in boxes.tolist():
            ink = left[y1:y2, x1:x2].clone()
            assert ink[0].any() and ink[-1].any() and ink[:, 0].any() and ink[:, -1].any()  # noqa: PT018
            left[y1:y2, x1:x2] = False
        assert not left.any()


@pytest.mark.parametrize("size", [[32, 64], [40, 64], [64, 32]])
def test_digits_fit_into_the_smallest_scenes(size: list[int]) -> None:
    images, objects = boxed(input_size=size, train_images=60).images("train")
    assert images.shape == (60, 3, *size)
    assert objects.any()


def test_splits_share_no_scene_and_are_the_same_every_time() -> None:
    data, again = boxed(), boxed()
    assert data.digest == again.digest != boxed(seed=1).digest
    assert data.counts == {"train": 12, "search": 5, "confirm": 6, "test": 4}
    every = np.concatenate(
        [data.images(split)[0].flatten(1).numpy() for split in ("train", "search", "confirm")]
    )
    assert len(np.unique(every, axis=0)) == 23
    assert data.labelled == "box"
    assert data.classes == ("digit",)


def test_the_test_split_is_drawn_once_it_is_open() -> None:
    data = boxed()
    data.open_test()
    assert data.images("test")[1].shape[0] == 4


def test_batches_bring_boxes_along() -> None:
    data = boxed()
    for indices, images, objects in data.train_batches(4, epoch=0, seed=0):
        assert images.shape == (4, 3, 96, 128)
        torch.testing.assert_close(objects, data.images("train")[1][indices])


def test_sizes_below_one_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"data\.search_images=0"):
        boxed(search_images=0)
