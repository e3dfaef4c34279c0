"""The factorised generator on objectives whose optimum is known."""

from collections.abc import Callable

import numpy as np
import pytest

from gensynth.design.space import DesignSpace
from gensynth.generators.factorised import FactorisedGenerator
from gensynth.generators.generator import Designs, Judgement
from gensynth.testing.generator_suite import KnownOptimum

Build = Callable[..., FactorisedGenerator]


def test_it_starts_uniform_where_nothing_is_forbidden(space: DesignSpace, build: Build) -> None:
    generator = build(space)
    for choice in space.choices:
        np.testing.assert_allclose(generator.probabilities()[choice.name], 1 / len(choice.options))
    assert generator.entropy_nats() == pytest.approx(np.log(space.options_per_choice).sum())


def test_it_converges_to_the_optimum(
    space: DesignSpace, build: Build, optimum: KnownOptimum
) -> None:
    judge, generator, rng = optimum, build(space), np.random.default_rng(0)
    for _ in range(25):
        generator.apply(generator.improve(judge, rng))
    likeliest = [int(np.argmax(p)) for p in generator.probabilities().values()]
    np.testing.assert_array_equal(likeliest, judge.best)
    drawn = judge(generator.generate(range(500))).utility.mean()
    assert drawn > -0.1


def test_it_beats_random_with_as_many_designs(
    space: DesignSpace, build: Build, optimum: KnownOptimum
) -> None:
    judge, generator, rng = optimum, build(space), np.random.default_rng(0)
    for _ in range(5):
        generator.apply(generator.improve(judge, rng))
    random = judge(build(space).generate(range(2000))).utility
    assert judge(generator.generate(range(40))).utility.mean() > random.max()


def test_choices_of_dropped_blocks_do_not_drift(space: DesignSpace, build: Build) -> None:
    names = [choice.name for choice in space.choices]
    keep = next(i for i, choice in enumerate(space.choices) if choice.kind == "keep")
    block = space.choices[keep].target

    def judge(designs: Designs) -> Judgement:
        dropped = (designs[:, keep] == space.choices[keep].index(False)).astype(np.float64)
        return Judgement(90 + dropped, 1 + 0 * dropped, dropped, 1 + 0 * dropped)

    generator = build(space, trust_region_nats=100.0, samples=64)
    for seed in range(5):
        generator.apply(generator.improve(judge, np.random.default_rng(seed)))
    probabilities = generator.probabilities()
    assert probabilities[names[keep]].max() > 0.9
    inside = [n for n in names if n.startswith(f"{block}.body") and n != names[keep]]
    assert inside
    for name in inside:
        vector = probabilities[name]
        np.testing.assert_allclose(vector, 1 / len(vector), atol=0.25 / len(vector))


def test_the_state_names_choices_and_options(space: DesignSpace, build: Build) -> None:
    state = build(space).state_dict()
    for choice in space.choices:
        one = state["choices"][choice.name]
        assert one["options"] == list(choice.options)
        assert sum(one["probabilities"]) == pytest.approx(1)
