"""Every performance function that configuration offers, through the contract suite."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from omegaconf import DictConfig

from gensynth.jobs.build import build
from gensynth.performance.performance import PerformanceFunction
from gensynth.testing.performance_suite import PerformanceSuite

ACCURACY = np.array([80.0, 85.0, 85.0, 90.0])
PARAMETERS = np.array([4e5, 2e5, 1e5, 1e5])
MACS = np.array([4e7, 4e7, 2e7, 1e7])
NEEDED = {
    "net_score": {"accuracy": ACCURACY, "parameters": PARAMETERS, "macs": MACS},
    "information_density": {"accuracy": ACCURACY, "parameters": PARAMETERS},
}


class TestPerformance(PerformanceSuite):
    """Each option of the group."""

    group = "performance"

    @pytest.fixture
    def function(self, cfg: DictConfig) -> PerformanceFunction:
        function: PerformanceFunction = build(cfg)
        return function

    @pytest.fixture
    def measurements(self, option: Path) -> Mapping[str, NDArray[np.float64]]:
        return NEEDED[option.stem]

    def test_it_is_named_like_its_option(self, function: PerformanceFunction, option: Path) -> None:
        assert function.name == option.stem
