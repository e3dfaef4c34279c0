"""What every generator must do."""

# ruff: noqa: D102 - the name of a test says what it shows

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import final

import numpy as np
import pytest
from numpy.typing import NDArray

from gensynth.design.space import DesignSpace
from gensynth.errors import GensynthError
from gensynth.generators.generator import Designs, Generator, Judgement

SEEDS = [5, 11, 2**40 + 1, 77, 2**62]
Create = Callable[[], Generator]


@final
class KnownOptimum:
    """A judge whose utility falls with the share of choices that differ from one design.

    Args:
        best: (choices,) the design with the highest utility.
        probability: that the requirements hold, for every design.
    """

    def __init__(self, best: Designs, probability: float = 1.0) -> None:
        self.best = best
        self.probability = probability

    def __call__(self, designs: Designs) -> Judgement:
        """Judge (n, choices) designs; utility is at most 0."""
        utility = -(designs != self.best).mean(1).astype(np.float64)
        ones = np.ones(len(designs))
        return Judgement(90 * ones, ones, utility, self.probability * ones)


class GeneratorSuite(ABC):
    """Subclass, override both fixtures, and pytest checks your generator."""

    @pytest.fixture
    @abstractmethod
    def space(self) -> DesignSpace:
        """A design space with a few choices."""

    @pytest.fixture
    @abstractmethod
    def create(self, space: DesignSpace) -> Create:
        """Builds the generator for the space; every call gives an equal one."""

    @pytest.fixture
    def judge(self, create: Create) -> KnownOptimum:
        """A judge that prefers one of the designs that the generator can draw."""
        return KnownOptimum(create().generate([123456])[0])

    def test_refined_designs_are_legal_and_no_worse(
        self, space: DesignSpace, create: Create, judge: KnownOptimum
    ) -> None:
        drawn = create().generate(range(32))

        def value(designs: Designs) -> NDArray[np.float64]:
            return judge(designs).utility

        found = create().refined(drawn, value)
        assert value(found).max() >= value(drawn).max()
        for design in found:
            space.apply(design.tolist())
        np.testing.assert_array_equal(create().refined(drawn, value), found)

    def test_designs_are_legal(self, space: DesignSpace, create: Create) -> None:
        designs = create().generate(range(64))
        assert designs.shape == (64, len(space.choices))
        assert designs.dtype == np.int64
        assert (designs >= 0).all()
        assert (designs < space.options_per_choice).all()
        for design in designs[:4]:
            space.apply(design)

    def test_a_design_depends_on_its_seed_alone(self, create: Create) -> None:
        generator = create()
        together = generator.generate(SEEDS)
        one_by_one = np.concatenate([generator.generate([seed]) for seed in SEEDS])
        np.testing.assert_array_equal(together, one_by_one)
        np.testing.assert_array_equal(generator.generate(SEEDS[::-1]), together[::-1])

    def test_no_seeds_give_no_designs(self, space: DesignSpace, create: Create) -> None:
        assert create().generate([]).shape == (0, len(space.choices))

    def test_seeds_vary_the_design(self, create: Create) -> None:
        assert len(np.unique(create().generate(range(64)), axis=0)) > 1

    def test_equal_generators_draw_equal_designs(self, create: Create) -> None:
        np.testing.assert_array_equal(create().generate(SEEDS), create().generate(SEEDS))

    def test_improving_alone_changes_nothing(self, create: Create, judge: KnownOptimum) -> None:
        generator = create()
        before = json.dumps(generator.state_dict())
        change = generator.improve(judge, np.random.default_rng(0))
        assert json.dumps(generator.state_dict()) == before
        assert np.isfinite(change.divergence_nats)
        assert change.divergence_nats >= 0

    def test_the_change_depends_on_the_rng_alone(self, create: Create, judge: KnownOptimum) -> None:
        first, second = (create().improve(judge, np.random.default_rng(3)) for _ in range(2))
        assert first.values.keys() == second.values.keys()
        for name, values in first.values.items():
            np.testing.assert_array_equal(values, second.values[name])

    def test_applied_changes_lead_to_better_designs(
        self, create: Create, judge: KnownOptimum
    ) -> None:
        generator, rng = create(), np.random.default_rng(1)
        before = judge(generator.generate(range(512))).utility.mean()
        for _ in range(10):
            generator.apply(generator.improve(judge, rng))
        assert judge(generator.generate(range(512))).utility.mean() > before

    @pytest.mark.parametrize(("probability", "quality"), [(0.0, 50.0), (0.0, np.nan), (0.5, 50.0)])
    def test_a_judge_without_hope_does_no_harm(
        self, space: DesignSpace, create: Create, probability: float, quality: float
    ) -> None:
        def hopeless(designs: Designs) -> Judgement:
            ones = np.ones(len(designs))
            return Judgement(quality * ones, ones, -np.inf * ones, probability * ones)

        generator = create()
        generator.apply(generator.improve(hopeless, np.random.default_rng(0)))
        designs = generator.generate(range(64))
        assert (designs >= 0).all()
        assert (designs < space.options_per_choice).all()

    def test_the_state_goes_through_json(self, create: Create, judge: KnownOptimum) -> None:
        learned, fresh = create(), create()
        for seed in range(3):
            learned.apply(learned.improve(judge, np.random.default_rng(seed)))
        fresh.load_state_dict(json.loads(json.dumps(learned.state_dict(), allow_nan=False)))
        np.testing.assert_array_equal(fresh.generate(range(64)), learned.generate(range(64)))
        assert fresh.state_dict() == learned.state_dict()

    def test_a_foreign_state_is_refused(self, create: Create) -> None:
        with pytest.raises(GensynthError):
            create().load_state_dict({"kind": "foreign"})
