"""Metrics against torchmetrics and a brute force; spreads against images drawn anew."""

from typing import Any

import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import (
    multiclass_accuracy,
    multiclass_jaccard_index,
)

from gensynth.tasks.bootstrap import standard_errors
from gensynth.tasks.confusion import Confusion, count, joined

CLASSES = ("Sky", "Road", "Car")
VOID = 255


def images(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Predictions that are right more often than not, images of different difficulty and void."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, (n, 6, 7))
    wrong = rng.random((n, 6, 7)) < rng.uniform(0.1, 0.6, (n, 1, 1))
    predicted = np.where(wrong, rng.integers(0, 3, (n, 6, 7)), labels)
    labels[rng.random((n, 6, 7)) < rng.uniform(0, 0.5, (n, 1, 1))] = VOID
    return predicted, labels


def measured(predicted: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    confusion = count(predicted, labels, 3)
    return {name: confusion.values(one) for name, one in confusion.metrics(CLASSES).items()}


def test_values_are_those_of_torchmetrics() -> None:
    predicted, labels = images(9)
    found = measured(predicted, labels)
    asked: dict[str, Any] = {
        "preds": torch.tensor(predicted),
        "target": torch.tensor(labels),
        "num_classes": 3,
        "ignore_index": VOID,
    }
    each = 100 * multiclass_jaccard_index(**asked, average="none")
    assert found["pixel_accuracy"] == pytest.approx(
        100 * float(multiclass_accuracy(**asked, average="micro")), rel=1e-5
    )
    assert found["mean_class_accuracy"] == pytest.approx(
        100 * float(multiclass_accuracy(**asked, average="macro")), rel=1e-5
    )
    assert found["mean_iou"] == pytest.approx(float(each.mean()), rel=1e-5)
    assert [found[f"iou_{name.lower()}"] for name in CLASSES] == pytest.approx(each.tolist())


def test_void_counts_as_wrong_only_where_it_is_included() -> None:
    predicted, labels = images(5)
    found = measured(predicted, labels)
    right, known = int((predicted == labels).sum()), int((labels != VOID).sum())
    assert found["pixel_accuracy"] == pytest.approx(100 * right / known)
    assert found["pixel_accuracy_with_void"] == pytest.approx(100 * right / labels.size)


def test_counts_are_those_of_a_loop_over_pixels() -> None:
    predicted, labels = images(4)
    confusion = count(predicted, labels, 3)
    expected = np.zeros((4, 3, 3), int)
    for i, y, x in np.ndindex(labels.shape):
        if labels[i, y, x] < 3:
            expected[i, labels[i, y, x], predicted[i, y, x]] += 1
    np.testing.assert_array_equal(confusion.counts, expected)
    np.testing.assert_array_equal(confusion.void, (labels == VOID).sum((1, 2)))
    parts = [count(predicted[i : i + 2], labels[i : i + 2], 3) for i in (0, 2)]
    np.testing.assert_array_equal(joined(parts).counts, expected)


def test_a_class_that_never_occurs_has_no_union_and_no_part_in_means() -> None:
    predicted, labels = images(4)
    labels[labels == 2] = 0
    found = measured(predicted, labels)
    assert "iou_car" not in found
    assert found["mean_iou"] == pytest.approx((found["iou_sky"] + found["iou_road"]) / 2)


def test_contributions_average_to_the_value() -> None:
    confusion = count(*images(12), 3)
    for metric in confusion.metrics(CLASSES).values():
        mean = confusion.contributions(metric).mean()
        assert mean == pytest.approx(confusion.values(metric), rel=1e-6)


def test_standard_errors_are_the_spread_over_draws_of_images() -> None:
    n, world = 40, count(*images(4000, seed=1), 3)
    rng = np.random.default_rng(2)
    metrics = world.metrics(CLASSES)
    drawn: dict[str, list[float]] = {name: [] for name in metrics}
    stated: dict[str, list[float]] = {name: [] for name in metrics}
    for _ in range(300):
        some = rng.integers(0, 4000, n)
        part = Confusion(world.counts[some], world.void[some])
        examples = {name: part.contributions(one) for name, one in metrics.items()}
        errors = standard_errors(examples, int(part.counts.sum()))
        for name, one in metrics.items():
            drawn[name].append(part.values(one))
            stated[name].append(errors[name])
    for name in metrics:
        assert np.mean(stated[name]) == pytest.approx(np.std(drawn[name]), rel=0.15), name


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    world = count(*images(4000, seed=3), 3)
    metric = world.metrics(CLASSES)["mean_iou"]
    truth, rng, covered = world.values(metric), np.random.default_rng(4), 0
    for _ in range(100):
        some = rng.integers(0, 4000, 60)
        drawn = Confusion(world.counts[some], world.void[some])
        low, high = drawn.intervals({"mean_iou": metric}, rng)["mean_iou"]
        covered += low <= truth <= high
    assert 86 <= covered <= 100


def test_a_class_of_one_image_does_not_count_where_that_image_is_not_drawn() -> None:
    labels = np.zeros((20, 4, 4), dtype=np.int64)
    labels[0, 0] = 1
    predicted = labels.copy()
    predicted[0, 0, 0] = 0  # three of four positions of class 1 are found
    confusion = count(predicted, labels, 2)
    rng = np.random.default_rng(0)
    found = confusion.intervals(confusion.metrics(["many", "rare"]), rng)
    assert found["iou_rare"] == pytest.approx((75, 75))
    low, high = found["mean_iou"]
    assert low == pytest.approx(87.4, abs=0.5)  # the mean of 75 and nearly 100
    assert high == pytest.approx(100)  # class 1 is not there


def test_a_perfect_score_is_no_certainty() -> None:
    _, labels = images(6)
    confusion = count(np.where(labels == VOID, 0, labels), labels, 3)
    examples = {name: confusion.contributions(m) for name, m in confusion.metrics(CLASSES).items()}
    errors = standard_errors(examples, int(confusion.counts.sum()))
    assert examples["mean_iou"].mean() == pytest.approx(100)
    assert min(errors.values()) > 0
