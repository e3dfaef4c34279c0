"""Information density in the unit of the FermiNets paper."""

import numpy as np
import pytest

from gensynth.errors import ConfigurationError
from gensynth.performance.information_density import InformationDensity

density = InformationDensity(quality="accuracy")


def test_resnet_20_has_a_third_of_a_percent_per_thousand_parameters() -> None:
    assert density.score({"accuracy": 91.25, "parameters": 269_722}) == pytest.approx(
        0.338, abs=5e-4
    )


def test_many_at_once_equals_one_by_one() -> None:
    accuracy, parameters = np.array([90.0, 80.0]), np.array([1e5, 2e5])
    together = density.score({"accuracy": accuracy, "parameters": parameters})
    np.testing.assert_allclose(together, [0.9, 0.4])


def test_a_missing_measurement_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"'information_density' needs .*'accuracy'"):
        density.score({"parameters": 1e5})
