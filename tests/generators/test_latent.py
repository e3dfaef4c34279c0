"""What all generators with independent latents do, shown on the factorised one."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from gensynth.design.space import DesignSpace
from gensynth.errors import ConfigurationError, RequirementError
from gensynth.generators.factorised import FactorisedGenerator
from gensynth.generators.generator import Allowed, Designs, Judgement
from gensynth.testing.generator_suite import KnownOptimum

Build = Callable[..., FactorisedGenerator]


def allowed_macs(space: DesignSpace, share: float) -> Allowed:
    own = space.costs(np.array([space.prototype_design])).macs[0]
    return lambda designs: np.asarray(space.costs(designs).macs <= share * own)


def divergence(new: dict[str, NDArray[np.float64]], old: dict[str, NDArray[np.float64]]) -> float:
    return float(sum((new[n] * np.log(new[n] / old[n])).sum() for n in old))


@pytest.mark.parametrize("share", [0.05, 0.01])
def test_it_starts_centred_on_what_exact_costs_allow(
    space: DesignSpace, share: float, build: Build
) -> None:
    allowed = allowed_macs(space, share)
    before = allowed(build(space).generate(range(1000))).mean()
    generator = build(space, allowed)
    after = allowed(generator.generate(range(10**6, 10**6 + 1000))).mean()
    assert before < 0.5 - 0.05
    assert after > 0.5 - 0.05  # it stops at half of its own samples
    assert generator.entropy_nats() > 0.3 * build(space).entropy_nats()


def test_centring_stops_where_half_pass_and_spends_no_more_entropy(
    space: DesignSpace, build: Build
) -> None:
    tight, loose = (build(space, allowed_macs(space, share)) for share in (0.01, 0.03))
    assert tight.entropy_nats() < loose.entropy_nats()


def test_bounds_from_below_are_centred_on_too(space: DesignSpace, build: Build) -> None:
    drawn = space.costs(build(space).generate(range(4000))).parameters
    limit = np.quantile(drawn, 0.999)

    def large(designs: Designs) -> NDArray[np.bool_]:
        return np.asarray(space.costs(designs).parameters >= limit)

    generator = build(space, large)
    assert large(generator.generate(range(10**6, 10**6 + 1000))).mean() > 0.5 - 0.05


def test_it_says_so_when_centring_fails(space: DesignSpace, build: Build) -> None:
    def nothing(designs: Designs) -> NDArray[np.bool_]:
        return np.zeros(len(designs), dtype=np.bool_)

    with pytest.raises(RequirementError, match=r"only 0\.0% of the designs"):
        build(space, nothing, samples=64)


def test_a_floor_that_leaves_no_room_is_refused(space: DesignSpace, build: Build) -> None:
    with pytest.raises(ConfigurationError, match=r"floor=0\.3"):
        build(space, floor=0.3)


@pytest.mark.parametrize("limit", [0.01, 0.5, 2.0])
def test_a_change_stays_in_the_trust_region_and_uses_it(
    space: DesignSpace, limit: float, build: Build, optimum: KnownOptimum
) -> None:
    generator = build(space, trust_region_nats=limit)
    before = generator.probabilities()
    change = generator.improve(optimum, np.random.default_rng(0))
    generator.apply(change)
    moved = divergence(generator.probabilities(), before)
    assert moved <= limit + 1e-9
    assert moved == pytest.approx(limit, rel=1e-6)
    assert change.divergence_nats == pytest.approx(moved, rel=1e-9)


def test_no_option_falls_below_the_floor(
    space: DesignSpace, build: Build, optimum: KnownOptimum
) -> None:
    generator, rng = build(space, trust_region_nats=100.0), np.random.default_rng(0)
    for _ in range(10):
        generator.apply(generator.improve(optimum, rng))
    least = min(p.min() for p in generator.probabilities().values())
    assert least == pytest.approx(0.02, abs=1e-9)


def differing(space: DesignSpace, generator: FactorisedGenerator) -> float:
    """Mean over all pairs of 64 designs, by hand: shares of the choices active in either."""
    designs = space.canonical(generator.generate(range(64)))
    active = space.active(designs)
    shares = []
    for a, b in combinations(range(64), 2):
        either = active[a] | active[b]
        shares.append((designs[a] != designs[b])[either].mean())
    return float(np.mean(shares))


@pytest.mark.parametrize("variety", [0.35, 0.5])
def test_designs_differ_as_much_as_is_asked_for_and_not_much_more(
    space: DesignSpace, build: Build, optimum: KnownOptimum, variety: float
) -> None:
    generator, rng = (
        build(space, trust_region_nats=100.0, variety=variety),
        np.random.default_rng(0),
    )
    for _ in range(10):
        generator.apply(generator.improve(optimum, rng, varied=True))
    assert differing(space, generator) == pytest.approx(variety, abs=0.03)
    assert generator.is_varied()
    for _ in range(10):
        generator.apply(generator.improve(optimum, rng))
    assert differing(space, generator) < variety
    assert not generator.is_varied()


def test_hardly_any_two_seeds_have_the_same_design(
    space: DesignSpace, build: Build, optimum: KnownOptimum
) -> None:
    same = {}
    for variety in (0.0, 0.05):
        generator = build(space, trust_region_nats=100.0, variety=variety)
        rng = np.random.default_rng(0)
        for _ in range(10):
            generator.apply(generator.improve(optimum, rng, varied=True))
        designs = space.canonical(generator.generate(range(1000, 1064)))
        same[variety] = 64 - len(np.unique(designs, axis=0))
    assert same[0.0] > 5
    assert same[0.05] <= 1


def test_variety_stays_where_it_costs_nothing(space: DesignSpace, build: Build) -> None:
    decisive = [i for i, choice in enumerate(space.choices) if choice.kind == "width"][:3]

    def judge(designs: Designs) -> Judgement:
        utility = -(designs[:, decisive] != 0).mean(1)
        return Judgement(90 + 0 * utility, 1 + 0 * utility, utility, 1 + 0 * utility)

    generator, rng = build(space, trust_region_nats=100.0, variety=0.3), np.random.default_rng(0)
    for _ in range(10):
        generator.apply(generator.improve(judge, rng, varied=True))
    found = generator.probabilities()
    assert differing(space, generator) > 0.3 - 0.03
    assert min(found[space.choices[i].name][0] for i in decisive) > 0.85


@pytest.mark.parametrize("variety", [-0.1, 0.95])
def test_a_variety_that_the_space_does_not_have_is_refused(
    space: DesignSpace, build: Build, variety: float
) -> None:
    with pytest.raises(ConfigurationError, match=rf"variety={variety}: .* up to 0\.\d\d"):
        build(space, variety=variety)


def test_requirements_that_rarely_hold_are_climbed(
    space: DesignSpace, build: Build, optimum: KnownOptimum
) -> None:
    target = optimum

    def judge(designs: Designs) -> Judgement:
        near = target(designs).utility
        probability = np.exp(200 * near)  # hopeless but for designs at the target
        return Judgement(90 + 0 * near, 1 + 0 * near, -5 * near, probability)

    generator, rng = build(space), np.random.default_rng(0)
    before = judge(generator.generate(range(256))).probability
    for _ in range(20):
        generator.apply(generator.improve(judge, rng))
    after = judge(generator.generate(range(256))).probability
    assert np.log(after).mean() > np.log(before).mean() / 4


def test_a_change_of_another_space_is_refused(
    space: DesignSpace, build: Build, optimum: KnownOptimum
) -> None:
    generator = build(space)
    change = generator.improve(optimum, np.random.default_rng(0))
    name = space.choices[0].name
    broken = {**change.values, name: change.values[name] + 0.2}
    with pytest.raises(ValueError, match=name):
        generator.apply(type(change)(broken, 0.0))
    del broken[name]
    with pytest.raises(ValueError, match=name):
        generator.apply(type(change)(broken, 0.0))
