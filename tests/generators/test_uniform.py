"""The uniform generator against an enumeration written out by hand."""

import itertools

import numpy as np
import pytest

from gensynth.design.space import DesignSpace
from gensynth.errors import ConfigurationError, RequirementError
from gensynth.generators.generator import Designs, Judgement
from gensynth.generators.uniform import NAMES, UniformGenerator
from gensynth.testing.generator_suite import KnownOptimum


def build(space: DesignSpace, *, limit: float = 1.0, floor: float = 0.1) -> UniformGenerator:
    return UniformGenerator(space, None, trust_region_nats=limit, floor=floor)


def test_all_parts_are_treated_alike(space: DesignSpace) -> None:
    generator = build(space)
    active = space.active(generator.designs)
    for row, used, settings in zip(generator.designs, active, generator.settings, strict=True):
        family, ratio, strides, blocks = settings
        for choice, option, counts in zip(space.choices, row, used, strict=True):
            value = choice.options[option]
            if choice.kind == "operation" and counts:
                assert value == family
            if choice.kind == "width" and counts:
                aim = ratio * float(choice.options[choice.prototype])
                assert all(abs(float(value) - aim) <= abs(float(o) - aim) for o in choice.options)
            if choice.kind == "kernel":
                assert option == choice.prototype
            if choice.kind == "downsampling":
                assert value == strides
            if choice.kind == "keep":
                assert value == (int(choice.target[-1]) < blocks)


def test_every_combination_is_there_once(space: DesignSpace) -> None:
    generator = build(space)
    graphs = {space.digest(design) for design in generator.designs}
    assert len(graphs) == len(generator.designs)
    strides = next(c.options for c in space.choices if c.kind == "downsampling")
    families = ("dense", "separable", "bottleneck")
    expected = set(itertools.product(families, (1.0, 0.75, 0.5, 0.25), strides, (1, 2)))
    assert set(generator.settings) == expected


def test_the_prototype_is_among_them(space: DesignSpace) -> None:
    assert space.prototype_design in {tuple(row) for row in build(space).designs.tolist()}


def test_only_allowed_designs_are_offered(space: DesignSpace) -> None:
    limit = space.graph.macs // 4
    generator = UniformGenerator(
        space,
        lambda designs: np.asarray(space.costs(designs).macs <= limit),
        trust_region_nats=1.0,
        floor=0.1,
    )
    everything = space.costs(build(space).designs).macs
    assert len(generator.designs) == (everything <= limit).sum() > 0
    assert space.costs(generator.designs).macs.max() <= limit


def test_it_says_so_when_none_is_allowed(space: DesignSpace) -> None:
    with pytest.raises(RequirementError, match="none of the 96"):
        UniformGenerator(
            space, lambda designs: np.zeros(len(designs), np.bool_), trust_region_nats=1.0, floor=0
        )


def test_a_floor_outside_its_range_is_refused(space: DesignSpace) -> None:
    with pytest.raises(ConfigurationError, match="floor=1"):
        build(space, floor=1.0)


def test_it_converges_to_the_best_of_them(space: DesignSpace) -> None:
    generator = build(space)
    best = generator.designs[17]
    for _ in range(12):
        generator.apply(generator.improve(KnownOptimum(best), np.random.default_rng(0)))
    rows = generator.state_dict()["designs"]
    likeliest = max(rows, key=lambda row: row["probability"])
    assert tuple(likeliest[name] for name in NAMES) == generator.settings[17]
    assert likeliest["probability"] > 0.85
    assert min(row["probability"] for row in rows) >= 0.1 / len(rows) - 1e-12


@pytest.mark.parametrize("limit", [0.05, 0.5])
def test_a_change_stays_in_the_trust_region_and_uses_it(space: DesignSpace, limit: float) -> None:
    generator = build(space, limit=limit)
    count = len(generator.designs)
    change = generator.improve(KnownOptimum(generator.designs[5]), np.random.default_rng(0))
    new = 1 / count + change.values["probabilities"]
    moved = float((new * np.log(new * count)).sum())
    assert moved <= limit + 1e-9
    assert moved == pytest.approx(limit, rel=1e-6)


def test_a_lottery_ticket_does_not_win_over_a_sure_gain(space: DesignSpace) -> None:
    generator = build(space)

    def judge(designs: Designs) -> Judgement:
        risky = (designs == generator.designs[3]).all(1)
        sure = (designs == generator.designs[9]).all(1)
        utility = 100 + 24.0 * risky + 2.0 * sure
        ones = np.ones(len(designs))
        return Judgement(90 * ones, ones, utility, np.where(risky, 0.1, 1.0))

    for _ in range(5):
        generator.apply(generator.improve(judge, np.random.default_rng(0)))
    rows = generator.state_dict()["designs"]
    assert rows[9]["probability"] == max(row["probability"] for row in rows)
