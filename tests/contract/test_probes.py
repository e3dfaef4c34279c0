"""Every probe that an option of `inquisitor` names, through the contract suite."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from gensynth.inquisitors.probe import Probe, Stimulus
from gensynth.jobs.build import build
from gensynth.network.graph_network import GraphNetwork
from gensynth.testing.probe_suite import ProbeSuite

PLUGINS = Path(__file__).parents[2] / "plugins" / "gensynth_plugins"
NODES = {
    name: node
    for path in sorted(PLUGINS.glob("*/conf/inquisitor/*.yaml"))
    for name, node in OmegaConf.load(path).probes.items()
}


class TestProbes(ProbeSuite):
    """On a small residual classifier."""

    @pytest.fixture(params=list(NODES))
    def probe(self, request: pytest.FixtureRequest) -> Probe:
        probe: Probe = build(NODES[request.param])
        return probe

    @pytest.fixture
    def network(self, small_network: Callable[[], GraphNetwork]) -> GraphNetwork:
        return small_network()

    @pytest.fixture
    def split(self) -> Stimulus:
        rng = np.random.default_rng(0)
        images = torch.from_numpy(rng.normal(size=(60, 1, 8, 8)).astype(np.float32))
        return Stimulus(images, torch.from_numpy(rng.integers(0, 10, 60)), 10)
