"""What every inquisitor must do."""

# ruff: noqa: D102 - the name of a test says what it shows

import json
import pickle
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from gensynth.design.space import DesignSpace
from gensynth.generators.generator import Designs, Generator, Judgement, ParameterChange
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.records import Candidate, Evaluation

Create = Callable[[], Inquisitor]


class InquisitorSuite(ABC):
    """Subclass, override the three fixtures, and pytest checks your inquisitor."""

    @pytest.fixture
    @abstractmethod
    def space(self) -> DesignSpace:
        """A small design space."""

    @pytest.fixture
    @abstractmethod
    def create(self, space: DesignSpace) -> Create:
        """Builds the inquisitor, with nothing observed; every call gives an equal one."""

    @pytest.fixture
    @abstractmethod
    def generator(self, space: DesignSpace) -> Generator:
        """Any generator for the space."""

    @pytest.fixture
    def evaluations(self, space: DesignSpace) -> list[Evaluation]:
        """The prototype's evaluation and seven others, one of them a failure; no responses."""
        return made_up_evaluations(space, 8)

    @pytest.fixture
    def designs(self, space: DesignSpace) -> Designs:
        """Designs to judge."""
        return random_designs(space, 16, seed=99)

    def test_it_judges_before_and_after_observing(
        self, create: Create, evaluations: Sequence[Evaluation], designs: Designs
    ) -> None:
        inquisitor = create()
        check_judgement(inquisitor.judge(designs), len(designs))
        for evaluation in evaluations:
            inquisitor.observe(evaluation, evaluation.responses)
            check_judgement(inquisitor.judge(designs), len(designs))

    def test_a_design_is_judged_alike_alone_and_among_others(
        self, create: Create, evaluations: Sequence[Evaluation], designs: Designs
    ) -> None:
        inquisitor = observed(create, evaluations)
        together, alone = inquisitor.judge(designs), inquisitor.judge(designs[3:4])
        np.testing.assert_allclose(alone.quality[0], together.quality[3], rtol=1e-9)
        np.testing.assert_allclose(alone.deviation[0], together.deviation[3], rtol=1e-6)
        np.testing.assert_allclose(alone.utility[0], together.utility[3], rtol=1e-9)
        np.testing.assert_allclose(alone.probability[0], together.probability[3], rtol=1e-6)

    def test_the_same_observations_teach_the_same(
        self, create: Create, evaluations: Sequence[Evaluation], designs: Designs
    ) -> None:
        first, second = observed(create, evaluations), observed(create, evaluations)
        assert json.dumps(first.state_dict()) == json.dumps(second.state_dict())
        np.testing.assert_array_equal(first.judge(designs).quality, second.judge(designs).quality)

    def test_judging_teaches_nothing(
        self, create: Create, evaluations: Sequence[Evaluation], designs: Designs
    ) -> None:
        inquisitor = observed(create, evaluations)
        before = json.dumps(inquisitor.state_dict())
        inquisitor.judge(designs)
        assert json.dumps(inquisitor.state_dict()) == before

    def test_the_state_is_plain(self, create: Create, evaluations: Sequence[Evaluation]) -> None:
        json.dumps(observed(create, evaluations).state_dict(), allow_nan=False)

    def test_insights_are_about_choices(
        self, create: Create, space: DesignSpace, evaluations: Sequence[Evaluation]
    ) -> None:
        choices = {choice.name: choice for choice in space.choices}
        for insight in observed(create, evaluations).insights():
            assert len(insight.values) == len(choices[insight.choice].options)
            assert insight.quantity
            assert np.isfinite([*insight.values, insight.weight]).all()

    def test_probes_can_be_sent_to_a_worker(self, create: Create) -> None:
        probes = create().probes
        assert pickle.loads(pickle.dumps(dict(probes))).keys() == probes.keys()  # noqa: S301

    def test_a_proposal_leaves_the_generator_alone_until_it_is_applied(
        self, create: Create, generator: Generator, evaluations: Sequence[Evaluation]
    ) -> None:
        inquisitor = observed(create, evaluations)
        for settle in (False, True):
            self._check_proposal(inquisitor, generator, settle=settle)

    @staticmethod
    def _check_proposal(inquisitor: Inquisitor, generator: Generator, *, settle: bool) -> None:
        before = json.dumps(generator.state_dict())
        change = inquisitor.propose(generator, np.random.default_rng(0), settle=settle)
        assert json.dumps(generator.state_dict()) == before
        if change is not None:
            assert isinstance(change, ParameterChange)
            generator.apply(change)
            assert (json.dumps(generator.state_dict()) == before) == (change.divergence_nats == 0)


def observed(create: Create, evaluations: Sequence[Evaluation]) -> Inquisitor:
    """Return a new inquisitor that has seen the evaluations."""
    inquisitor = create()
    for evaluation in evaluations:
        inquisitor.observe(evaluation, evaluation.responses)
    return inquisitor


def check_judgement(judgement: Judgement, count: int) -> None:
    """Fail unless all four arrays have their shape and range."""
    for values in (
        judgement.quality, judgement.deviation, judgement.utility, judgement.probability
    ):  # fmt: skip
        assert values.shape == (count,)
        assert np.isfinite(values).all()
    assert (judgement.deviation >= 0).all()
    assert ((judgement.probability >= 0) & (judgement.probability <= 1)).all()


def random_designs(space: DesignSpace, count: int, seed: int) -> Designs:
    """Return (count, choices) legal designs, uniform over the options of each choice."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, space.options_per_choice, (count, len(space.choices)))
    return space.repair(drawn)


def made_up_evaluations(
    space: DesignSpace, count: int, quality: str = "accuracy"
) -> list[Evaluation]:
    """Return evaluations, the prototype's first and a failure last, with quality after size."""
    designs = random_designs(space, count, seed=7)
    designs[0] = space.prototype_design
    costs = space.costs(designs)
    result = []
    for i, design in enumerate(designs):
        candidate = Candidate(i, 0, i, tuple(int(option) for option in design), f"digest{i}")
        if i == count - 1:
            result.append(
                Evaluation(candidate, f"key{i}", "short", "search", "failed", "loss became NaN")
            )
            continue
        percent = 90 + 2 * float(np.log2(costs.parameters[i] / costs.parameters[0]))
        result.append(
            Evaluation(
                candidate,
                f"key{i}",
                "long" if i == 0 else "short",
                "search",
                "completed",
                measurements={
                    quality: min(max(percent, 11.0), 99.0),
                    "parameters": float(costs.parameters[i]),
                    "macs": float(costs.macs[i]),
                },
                standard_errors={quality: 0.6},
            )
        )
    return result
