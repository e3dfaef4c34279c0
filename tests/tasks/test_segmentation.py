"""The loss against numpy, qualities on images of other sizes, weights of classes by hand."""

import pickle
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gensynth.data.scenes import Scenes
from gensynth.data.warp import VOID, Warp
from gensynth.errors import ConfigurationError, DataError
from gensynth.tasks.label_picture import (
    GAP,
    LEAST_HEIGHT,
    RIGHT_COLOUR,
    WRONG_COLOUR,
    legend,
)
from gensynth.tasks.segmentation import Segmentation, median_frequency_weights

RNG = np.random.default_rng(5)
LOGITS = torch.tensor(RNG.normal(size=(2, 4, 6, 8)))
TEACHER = torch.tensor(RNG.normal(size=(2, 4, 6, 8)) * 2)
LABELS = torch.tensor(RNG.integers(0, 4, (2, 6, 8)), dtype=torch.uint8)


def task(**changes: Any) -> Segmentation:
    settings: dict[str, Any] = {
        "label_smoothing": 0.0,
        "quality": "pixel_accuracy",
        "distillation_weight": 0.0,
        "temperature": 2.0,
        "lesson_stride": 2,
        "dice_weight": 0.0,
        "balance": "none",
    }
    return Segmentation(**(settings | changes))


def scenes(**changes: Any) -> Scenes:
    settings: dict[str, Any] = {
        "input_size": (32, 40),
        "train_images": 12,
        "search_images": 4,
        "confirm_images": 4,
        "test_images": 4,
        "seed": 0,
        "augmentation": Warp(smallest=1.0, largest=1.0, flip=False, colour=0.0, seed=0),
    }
    return Scenes(**(settings | changes))


def test_the_loss_is_cross_entropy_over_known_pixels() -> None:
    labels = LABELS.clone()
    labels[0, :3] = VOID
    logs = F.log_softmax(LOGITS, dim=1).numpy()
    known = [
        -logs[i, int(labels[i, y, x]), y, x]
        for i, y, x in np.ndindex(2, 6, 8)
        if labels[i, y, x] != VOID
    ]
    assert float(task().loss(LOGITS, labels, None)) == pytest.approx(np.mean(known), rel=1e-6)


def test_labels_beyond_the_classes_are_void() -> None:
    labels, other = LABELS.clone(), LABELS.clone()
    labels[1], other[1] = VOID, 4
    assert torch.equal(task().loss(LOGITS, labels, None), task().loss(LOGITS, other, None))


def test_the_dice_loss_counts_classes_alike_and_leaves_void_out() -> None:
    labels = LABELS.clone()
    labels[labels == 3] = 0  # a class that does not occur
    labels[0, :2] = VOID
    probabilities = F.softmax(LOGITS, dim=1).numpy()
    coefficients = []
    for one in range(3):
        known = labels.numpy() != VOID
        own = labels.numpy() == one
        share = probabilities[:, one]
        coefficients.append(2 * share[own].sum() / (share[known].sum() + own.sum()))
    expected = float(task().loss(LOGITS, labels, None)) + 0.5 * (1 - np.mean(coefficients))
    found = task(dice_weight=0.5).loss(LOGITS, labels, None)
    assert float(found) == pytest.approx(expected, rel=1e-6)
    assert task(dice_weight=0.5).digest != task().digest


def test_a_teacher_takes_nothing_from_the_dice_loss() -> None:
    plain, both = task(distillation_weight=0.25), task(distillation_weight=0.25, dice_weight=0.5)
    grid = plain.lesson(TEACHER)
    added = both.loss(LOGITS, LABELS, grid) - plain.loss(LOGITS, LABELS, grid)
    alone = task(dice_weight=0.5).loss(LOGITS, LABELS, None) - task().loss(LOGITS, LABELS, None)
    assert float(added) == pytest.approx(float(alone), rel=1e-6)


def test_a_batch_of_nothing_but_void_teaches_nothing() -> None:
    logits = LOGITS.clone().requires_grad_()
    task(dice_weight=1.0).loss(logits, torch.full_like(LABELS, VOID), None).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert not logits.grad.any()


def test_a_teacher_is_heard_on_a_grid_of_pixels() -> None:
    one = task(distillation_weight=0.25)
    grid = TEACHER[:, :, 1::2, 1::2]
    assert torch.equal(one.lesson(TEACHER), grid)
    student, teacher = (F.softmax(x[:, :, 1::2, 1::2] / 2, 1) for x in (LOGITS, TEACHER))
    divergence = (teacher * (teacher / student).log()).sum(1).mean()
    expected = 0.75 * task().loss(LOGITS, LABELS, None) + 0.25 * 4 * divergence
    assert float(one.loss(LOGITS, LABELS, grid)) == pytest.approx(float(expected), rel=1e-6)
    assert one.distils
    assert not task().distils


class Labelled(nn.Module):
    """Answers with what it is shown, as logits on a coarser grid."""

    def forward(self, images: Tensor) -> Tensor:
        return images


def test_quality_is_measured_at_the_labels_own_size() -> None:
    labels = torch.zeros(2, 12, 16, dtype=torch.uint8)
    labels[:, :, 8:] = 1
    labels[0, 0, 0] = VOID
    logits = torch.stack([1.0 - 2.0 * (labels == 1)[:, ::2, ::2], torch.zeros(2, 6, 8)], dim=1)
    found = task().measure(Labelled(), [(logits[i : i + 1], labels[i : i + 1]) for i in (0, 1)])
    resized = F.interpolate(logits, (12, 16), mode="bilinear", align_corners=False).argmax(1)
    right = (resized == labels).sum()
    assert found.values["pixel_accuracy"] == pytest.approx(
        100 * float(right) / (labels.numel() - 1)
    )
    assert found.examples["pixel_accuracy"].shape == (2,)
    low, high = found.intervals["mean_iou"]
    assert low <= found.values["mean_iou"] <= high
    assert set(found.standard_errors) == set(found.values) == set(found.examples)


def test_nothing_to_measure_on_is_said() -> None:
    with pytest.raises(DataError, match="split is empty"):
        task().measure(Labelled(), [])
    with pytest.raises(DataError, match="every pixel is void"):
        task().measure(Labelled(), [(LOGITS, torch.full_like(LABELS, VOID))])


def test_fitted_to_data_it_knows_names_and_weights() -> None:
    data = scenes()
    plain, balanced = task().fitted(data), task(balance="median_frequency").fitted(data)
    assert "iou_background" in plain.percentages
    assert plain.digest == task().digest
    assert balanced.digest != plain.digest
    labels = data.images("train")[1][:2].clone()
    logits = torch.zeros(2, 11, 32, 40)
    weights = median_frequency_weights(data.images("train")[1].numpy(), 11)
    expected = np.log(11) * weights[labels.numpy()].mean()
    assert float(balanced.loss(logits, labels, None)) == pytest.approx(expected, rel=1e-5)
    assert pickle.loads(pickle.dumps(balanced)).digest == balanced.digest  # noqa: S301
    assert float(balanced.untaught().loss(logits, labels, None)) == pytest.approx(
        expected, rel=1e-5
    )
    assert balanced.untaught().digest != plain.untaught().digest


def test_median_frequency_by_hand() -> None:
    labels = np.array([[[0, 0, 0, 1]], [[0, 0, 2, VOID]], [[0, 0, 0, 0]]])
    # Class 0: 9 of 11 known pixels; 1: 1 of the 4 of its image; 2: 1 of 3. The median is 1/3.
    weights = median_frequency_weights(labels, 4)
    assert weights == pytest.approx([(1 / 3) / (9 / 11), (1 / 3) / (1 / 4), 1.0, 0.0])


def test_any_mean_may_be_the_quality() -> None:
    one = task(quality="mean_iou")
    assert one.quality == "mean_iou"
    assert one.headline == ("mean_iou", "pixel_accuracy")
    assert one.digest == task().digest  # it is measured, not learned


def test_without_a_teacher_only_the_loss_against_labels_matters() -> None:
    one = task(distillation_weight=0.5, temperature=4.0, lesson_stride=1, dice_weight=0.3)
    untaught = one.untaught()
    assert not untaught.distils
    assert untaught.digest == task(dice_weight=0.3).untaught().digest
    assert untaught.digest != task().untaught().digest
    assert task(label_smoothing=0.1).untaught().digest != task().untaught().digest
    expected = float(one.loss(LOGITS, LABELS, None))
    assert float(untaught.loss(LOGITS, LABELS, None)) == pytest.approx(expected)
    assert float(one.loss(LOGITS, LABELS, TEACHER)) != pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quality", "miou"),
        ("label_smoothing", 1.0),
        ("distillation_weight", 1.5),
        ("temperature", 0.0),
        ("lesson_stride", 0),
        ("dice_weight", -0.5),
        ("balance", "median"),
    ],
)
def test_wrong_settings_are_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=f"task.{name}={value} must be"):
        task(**{name: value})


def test_a_picture_shows_what_is_predicted_at_the_labels_size() -> None:
    labels = torch.zeros(2, 12, 16, dtype=torch.uint8)
    labels[:, :, 8:] = 1
    pixels = torch.arange(2 * 3 * 6 * 8, dtype=torch.uint8).reshape(2, 3, 6, 8)
    guess = torch.full((2, 6, 8), -1.0)  # class 1 everywhere: the left half is wrong
    batch = torch.stack([guess, -guess], dim=1), labels
    (picture,) = task().pictures(Labelled(), batch, pixels, []).values()
    times = LEAST_HEIGHT // 12
    height, width = 12 * times, 16 * times
    below = len(legend(["0", "1"], 4 * width + 3 * GAP))
    assert picture.shape == (2 * (height + GAP) + below, 4 * width + 3 * GAP, 3)
    seen = picture[: height : 2 * times, : width : 2 * times]
    np.testing.assert_array_equal(seen, pixels[0].permute(1, 2, 0))
    errors = picture[:height, -width:]
    assert (errors[:, : width // 2] == WRONG_COLOUR).all()
    assert (errors[:, width // 2 :] == RIGHT_COLOUR).all()
