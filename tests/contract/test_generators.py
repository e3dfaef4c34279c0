"""Every generator that configuration offers, through the contract suite."""

from pathlib import Path

import pytest
from omegaconf import DictConfig

from gensynth.design.space import DesignSpace
from gensynth.generators.generator import Generator
from gensynth.jobs.build import build
from gensynth.testing.generator_suite import Create, GeneratorSuite


class TestGenerators(GeneratorSuite):
    """Each option of the group."""

    group = "generator"

    @pytest.fixture
    def space(self, small_space: DesignSpace) -> DesignSpace:
        return small_space

    @pytest.fixture
    def create(self, space: DesignSpace, cfg: DictConfig) -> Create:
        def create() -> Generator:
            generator: Generator = build(cfg, space, None)
            return generator

        return create

    def test_the_state_says_which_generator_it_is_of(self, create: Create, option: Path) -> None:
        assert create().state_dict()["kind"] == option.stem
