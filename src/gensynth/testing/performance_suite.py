"""What every performance function must do."""

# ruff: noqa: D102 - the name of a test says what it shows

import pickle
from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from gensynth.errors import ConfigurationError
from gensynth.performance.performance import PerformanceFunction


class PerformanceSuite(ABC):
    """Subclass, override both fixtures, and pytest checks your performance function."""

    @pytest.fixture
    @abstractmethod
    def function(self) -> PerformanceFunction:
        """The performance function."""

    @pytest.fixture
    @abstractmethod
    def measurements(self) -> Mapping[str, NDArray[np.float64]]:
        """Just the measurements it needs, each of n networks that get better one by one."""

    def test_it_has_a_name(self, function: PerformanceFunction) -> None:
        assert function.name.isidentifier()

    def test_better_networks_score_higher(
        self, function: PerformanceFunction, measurements: Mapping[str, NDArray[np.float64]]
    ) -> None:
        scores = np.asarray(function.score(measurements))
        assert len(scores) > 1
        assert np.isfinite(scores).all()
        assert (np.diff(scores) > 0).all()

    def test_many_networks_at_once_score_as_one_by_one(
        self, function: PerformanceFunction, measurements: Mapping[str, NDArray[np.float64]]
    ) -> None:
        scores = np.asarray(function.score(measurements))
        for i, expected in enumerate(scores):
            one = function.score({name: float(v[i]) for name, v in measurements.items()})
            assert isinstance(one, float)
            assert one == pytest.approx(expected, rel=1e-12)

    def test_a_measurement_it_does_not_need_changes_nothing(
        self, function: PerformanceFunction, measurements: Mapping[str, NDArray[np.float64]]
    ) -> None:
        more = {**measurements, "unheard_of": np.zeros(len(next(iter(measurements.values()))))}
        np.testing.assert_array_equal(function.score(more), function.score(measurements))

    def test_a_missing_measurement_is_named(
        self, function: PerformanceFunction, measurements: Mapping[str, NDArray[np.float64]]
    ) -> None:
        for missing in measurements:
            rest = {name: values for name, values in measurements.items() if name != missing}
            with pytest.raises(ConfigurationError, match=missing):
                function.score(rest)

    def test_it_can_be_sent_to_a_worker(
        self, function: PerformanceFunction, measurements: Mapping[str, NDArray[np.float64]]
    ) -> None:
        copy = pickle.loads(pickle.dumps(function))  # noqa: S301
        np.testing.assert_array_equal(copy.score(measurements), function.score(measurements))
