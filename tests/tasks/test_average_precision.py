"""Average precision against COCO's tool and hand arithmetic; what each image contributes."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from gensynth.tasks.average_precision import (
    AveragePrecision,
    OperatingPoint,
    contributions,
    curve,
)
from gensynth.tasks.detection import COCO_THRESHOLDS, coco_precision
from gensynth.tasks.matching import Found, Matches, matches

Images = Callable[[int], list[Found]]


def scored(hits: list[bool], objects: int) -> Matches:
    """Return detections of one image and class, surest first."""
    count = len(hits)
    return Matches(
        np.zeros(count, dtype=np.int64),
        np.zeros(count, dtype=np.int64),
        np.linspace(0.9, 0.1, count),
        np.array([hits], dtype=np.bool_),
        np.zeros((1, count), dtype=np.bool_),
        np.array([[objects]]),
    )


def test_a_curve_by_hand() -> None:
    hits = np.array([1.0, 0, 1, 0])
    precision, recall = curve(hits, 1 - hits, objects=4)
    assert precision == pytest.approx([1, 2 / 3, 2 / 3, 1 / 2])
    assert recall == pytest.approx([0.25, 0.25, 0.5, 0.5])


def test_average_precision_by_hand() -> None:
    # Up to the recall 1/4 the precision is 1, up to 1/2 it is 2/3, beyond it is 0.
    value = AveragePrecision(scored([True, False, True, False], 4))(np.ones(1))
    assert value == pytest.approx(100 * (1 / 4 + 1 / 4 * 2 / 3))
    assert AveragePrecision(scored([], 4))(np.ones(1)) == 0.0
    assert AveragePrecision(scored([True], 1))(np.ones(1)) == pytest.approx(100.0)


def test_it_is_nearly_that_of_coco_s_tool(found_images: Images) -> None:
    images = found_images(80)
    weights = np.ones(80)
    found = {
        "ap_50": AveragePrecision(matches(images, 2, COCO_THRESHOLDS[:1]))(weights),
        "ap_coco": AveragePrecision(matches(images, 2, COCO_THRESHOLDS))(weights),
    }
    expected = coco_precision(images)
    assert found == {name: pytest.approx(value, abs=1.0) for name, value in expected.items()}
    assert 5 < expected["ap_coco"] < expected["ap_50"] < 95


def test_an_image_that_counts_twice_is_one_that_is_there_twice(found_images: Images) -> None:
    images = found_images(20)
    twice = [*images, images[3]]
    # Equal scores would leave the order open: the copy is a hair less sure.
    twice[-1] = replace(images[3], scores=images[3].scores - 1e-9)
    weights = np.ones(20)
    weights[3] = 2
    found = AveragePrecision(matches(images, 2, COCO_THRESHOLDS))(weights)
    copied = AveragePrecision(matches(twice, 2, COCO_THRESHOLDS))(np.ones(21))
    assert found == pytest.approx(copied, abs=0.5)  # the copy comes a hair later


def test_an_operating_point_by_hand() -> None:
    # Three of four are sure enough: two hits and a miss, of four objects.
    one = scored([True, False, True, True], 4)
    point = OperatingPoint(one, float(one.scores[2]))
    assert point(np.ones(1)) == pytest.approx(100 * (2 / 3) * (2 / 4))
    assert OperatingPoint(one, 2.0)(np.ones(1)) == 0.0


def test_contributions_average_to_the_value_and_vary_as_it_does(found_images: Images) -> None:
    images = found_images(150)
    point = OperatingPoint(matches(images, 2, np.array([0.7])), 0.3)
    precision = AveragePrecision(matches(images, 2, COCO_THRESHOLDS[:1]))
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(150, np.full(150, 1 / 150), size=400).astype(np.float64)
    for measure in (point, precision):
        each = contributions(measure, 150, 42.0)
        assert each.mean() == pytest.approx(42.0)
        bootstrap = np.std([measure(weights) for weights in drawn])
        assert each.std(ddof=1) / 150**0.5 == pytest.approx(bootstrap, rel=0.15)


def test_contributions_to_a_mean_are_what_is_averaged() -> None:
    values = np.array([3.0, 1.0, 4.0, 1.0])
    each = contributions(lambda weights: float(weights @ values / weights.sum()), 4, 2.25)
    np.testing.assert_allclose(each, values)
