"""Every option of `probe`, through the contract suite."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from omegaconf import DictConfig

from gensynth.inquisitors.probe import Probe, Stimulus
from gensynth.jobs.build import build
from gensynth.network.graph_network import GraphNetwork
from gensynth.testing.probe_suite import ProbeSuite


class TestProbes(ProbeSuite):
    """On a small residual classifier."""

    group = "probe"

    @pytest.fixture
    def probe(self, cfg: DictConfig) -> Probe:
        probe: Probe = build(cfg)
        return probe

    @pytest.fixture
    def network(self, small_network: Callable[[], GraphNetwork]) -> GraphNetwork:
        return small_network()

    @pytest.fixture
    def split(self) -> Stimulus:
        rng = np.random.default_rng(0)
        images = torch.from_numpy(rng.normal(size=(60, 1, 8, 8)).astype(np.float32))
        return Stimulus(images, torch.from_numpy(rng.integers(0, 10, 60)), 10)
