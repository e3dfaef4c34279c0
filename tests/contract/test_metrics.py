"""Every metric, through the contract suite."""

from collections.abc import Callable

import pytest

from gensynth.metrics.latency import Latency
from gensynth.metrics.macs import Macs
from gensynth.metrics.metric import Metric
from gensynth.metrics.parameters import Parameters
from gensynth.network.graph_network import GraphNetwork
from gensynth.testing.metric_suite import MetricSuite


class Small(MetricSuite):
    """On a small residual classifier."""

    @pytest.fixture
    def network(self, small_network: Callable[[], GraphNetwork]) -> GraphNetwork:
        return small_network()


class TestMacs(Small):
    """`Macs`."""

    @pytest.fixture
    def metric(self) -> Metric:
        return Macs()


class TestParameters(Small):
    """`Parameters`."""

    @pytest.fixture
    def metric(self) -> Metric:
        return Parameters()


class TestLatency(Small):
    """`Latency`, which reads a clock."""

    repeatable = False

    @pytest.fixture
    def metric(self) -> Metric:
        return Latency(batch_size=1, warm_up=1, repeats=3)
