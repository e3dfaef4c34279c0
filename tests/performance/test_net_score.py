"""NetScore against published sizes and accuracies, and its laws."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gensynth.errors import ConfigurationError
from gensynth.performance.net_score import NetScore

relaxed = settings(deadline=None, derandomize=True)
score = NetScore(quality="accuracy", alpha=2.0, beta=0.5, gamma=0.5).score
counts = st.floats(1e3, 1e9)


def measured(accuracy: float, parameters: float, macs: float) -> dict[str, float]:
    return {"accuracy": accuracy, "parameters": parameters, "macs": macs}


@pytest.mark.parametrize(
    ("accuracy", "millions", "billions", "expected"),
    [
        (70.9, 4.24, 0.569, 70.20),  # MobileNet v1, four resolutions
        (70.0, 4.24, 0.418, 71.32),
        (68.0, 4.24, 0.291, 72.39),
        (65.2, 4.24, 0.186, 73.60),
        (72.0, 3.4, 0.300, 74.21),  # MobileNet v2
        (71.0, 2.9, 0.274, 75.05),  # CondenseNet-74
        (75.3, 25.6, 3.86, 55.12),  # ResNet-50
        (74.4, 7.98, 2.87, 61.26),  # DenseNet-121
        (71.5, 138.4, 15.5, 40.86),  # VGG-16
        (57.1, 60.9, 0.725, 53.82),  # AlexNet
        (91.25, 0.269722, 0.040551, 98.02),  # ResNet-20, CIFAR-10
        (76.7, 4.55, 25.0, 54.83),  # Son & Weiland 2022
    ],
)
def test_published_networks(
    accuracy: float, millions: float, billions: float, expected: float
) -> None:
    assert score(measured(accuracy, millions * 1e6, billions * 1e9)) == pytest.approx(
        expected, abs=0.006
    )


def test_a_published_score_with_its_own_exponents() -> None:
    # Son & Weiland 2022 multiply mIoU by frames per second and print 127.53.
    own = NetScore(quality="miou_times_fps", alpha=2.0, beta=0.5, gamma=0.5)
    printed = {"miou_times_fps": 76.7 * 65.7, "parameters": 4.55e6, "macs": 25e9}
    assert own.score(printed) == pytest.approx(127.53, abs=0.006)


@relaxed
@given(st.floats(1, 100), counts, counts)
def test_halving_both_costs_is_worth_6_decibels(a: float, p: float, m: float) -> None:
    gain = score(measured(a, p / 2, m / 2)) - score(measured(a, p, m))
    assert gain == pytest.approx(20 * math.log10(2), abs=1e-9)


@relaxed
@given(st.lists(st.tuples(st.floats(0, 100), counts, counts), min_size=1, max_size=5))
def test_many_at_once_equals_one_by_one(rows: list[tuple[float, float, float]]) -> None:
    columns = np.array(rows).T
    names = ("accuracy", "parameters", "macs")
    together = score(dict(zip(names, columns, strict=True)))
    np.testing.assert_allclose(
        np.asarray(together), np.array([score(measured(*row)) for row in rows])
    )


def test_a_useless_network_has_a_finite_score_below_all_others() -> None:
    useless = score(measured(0.0, 1e5, 1e7))
    assert isinstance(useless, float)
    assert math.isfinite(useless)
    assert useless < score(measured(0.1, 1e5, 1e7))


def test_a_missing_measurement_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"'net_score' needs .*'macs', got"):
        score({"accuracy": 90.0, "parameters": 1e5})
