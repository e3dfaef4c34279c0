"""What every metric must do."""

# ruff: noqa: D102 - the name of a test says what it shows

import math
import pickle
from abc import ABC, abstractmethod

import pytest
from torch import nn

from gensynth.metrics.metric import Metric
from gensynth.network.graph_network import GraphNetwork
from gensynth.testing.untouched import untouched


class MetricSuite(ABC):
    """Subclass, override both fixtures, and pytest checks your metric."""

    repeatable = True
    """Whether two measurements are equal; override for those that read a clock or a meter."""

    @pytest.fixture
    @abstractmethod
    def metric(self) -> Metric:
        """The metric."""

    @pytest.fixture
    @abstractmethod
    def network(self) -> GraphNetwork:
        """A small network."""

    def test_it_has_a_name(self, metric: Metric) -> None:
        assert metric.name.isidentifier()

    def test_it_measures_one_finite_number(self, metric: Metric, network: GraphNetwork) -> None:
        value = metric.measure(network, network.graph.input_shape)
        assert isinstance(value, float)
        assert math.isfinite(value)
        assert value >= 0

    def test_it_repeats_itself(self, metric: Metric, network: GraphNetwork) -> None:
        copy = pickle.loads(pickle.dumps(metric))  # noqa: S301
        first = metric.measure(network, network.graph.input_shape)
        again = copy.measure(network, network.graph.input_shape)
        assert again == first if self.repeatable else again >= 0

    def test_the_network_is_left_as_it_was_found(
        self, metric: Metric, network: GraphNetwork
    ) -> None:
        network.train()
        next(m for m in network.modules() if isinstance(m, nn.BatchNorm2d)).eval()
        with untouched(network):
            metric.measure(network, network.graph.input_shape)

    def test_it_is_silent(
        self, metric: Metric, network: GraphNetwork, capfd: pytest.CaptureFixture[str]
    ) -> None:
        metric.measure(network, network.graph.input_shape)
        assert capfd.readouterr() == ("", "")
