"""Differences to the prototype on the same images, against hand arithmetic."""

import math

import numpy as np
import pytest

from gensynth.pairing import differences, paired_errors


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
