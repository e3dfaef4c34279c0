"""Differences to the prototype on the same images, against hand arithmetic."""

import math

import numpy as np
import pytest

from gensynth.pairing import differences, paired_errors, paired_intervals


def test_a_difference_is_the_network_s_less_the_prototype_s() -> None:
    found = differences({"accuracy": 88.0}, {"accuracy": 90.5, "macs": 1e6})
    assert found == {"accuracy_minus_prototype": -2.5}


def test_images_that_both_get_right_add_no_error() -> None:
    own, prototype = np.array([100.0, 100.0, 0.0, 0.0]), np.array([100.0, 0.0, 0.0, 0.0])
    (name, error), *others = paired_errors({"accuracy": own}, {"accuracy": prototype}).items()
    assert (name, others) == ("accuracy_minus_prototype", [])
    # Differences 0, 100, 0, 0: variance (3 * 25^2 + 75^2) / 3 = 2500, over four images.
    assert error == pytest.approx(math.sqrt(2500 / 4))
    assert paired_errors({"accuracy": own}, {"accuracy": own})[name] == 0.0


def test_what_the_prototype_lacks_has_no_error() -> None:
    assert paired_errors({"accuracy": np.zeros(3)}, {}) == {}


def test_a_paired_interval_is_that_of_the_mean_difference() -> None:
    rng = np.random.default_rng(3)
    own = rng.normal(90, 5, 400)
    gap = rng.normal(-1, 2, 400)
    examples, prototype = {"iou": own + gap, "other": own}, {"iou": own}
    found = paired_intervals(examples, prototype, ["iou", "other", "absent"])
    assert list(found) == ["iou_minus_prototype"]
    low, high = found["iou_minus_prototype"]
    # The central limit theorem: mean -1.96 .. +1.96 standard errors, whatever images share.
    half = 1.96 * gap.std() / 20
    assert low == pytest.approx(gap.mean() - half, abs=0.1 * half)
    assert high == pytest.approx(gap.mean() + half, abs=0.1 * half)
    assert paired_intervals({}, prototype, []) == {}
