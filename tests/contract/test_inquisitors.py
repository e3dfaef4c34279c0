"""Every inquisitor that configuration offers, through the contract suite."""

import pytest
from omegaconf import DictConfig

from gensynth.design.space import DesignSpace
from gensynth.generators.factorised import FactorisedGenerator
from gensynth.generators.generator import Generator
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.jobs.build import build
from gensynth.performance.net_score import NetScore
from gensynth.requirements import Requirements
from gensynth.testing.inquisitor_suite import Create, InquisitorSuite


class TestInquisitors(InquisitorSuite):
    """Each option of the group."""

    group = "inquisitor"

    @pytest.fixture
    def space(self, small_space: DesignSpace) -> DesignSpace:
        return small_space

    @pytest.fixture
    def create(self, space: DesignSpace, cfg: DictConfig) -> Create:
        performance = NetScore(quality="accuracy", alpha=2.0, beta=0.5, gamma=0.5)
        bounds = {"accuracy": {"at_least": 85}, "macs": {"at_most": space.graph.macs}}
        requirements = Requirements(bounds).resolve({})

        def create() -> Inquisitor:
            inquisitor: Inquisitor = build(cfg, space, requirements, performance, {"accuracy": 0.5})
            return inquisitor

        return create

    @pytest.fixture
    def generator(self, space: DesignSpace) -> Generator:
        return FactorisedGenerator(
            space,
            samples=64,
            steps=2,
            elite_fraction=0.25,
            trust_region_nats_per_choice=0.05,
            floor=0.02,
            variety=0.0,
        )
