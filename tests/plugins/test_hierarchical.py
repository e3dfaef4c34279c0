"""The hierarchical generator: what levels mean, and that theta_G finds optima of both sorts."""

import numpy as np
import pytest
from numpy.typing import NDArray

from gensynth.design.space import DesignSpace, derive
from gensynth.errors import ConfigurationError
from gensynth.generators.factorised import FactorisedGenerator
from gensynth.generators.generator import Designs
from gensynth.prototypes.resnet import resnet
from gensynth.testing.generator_suite import KnownOptimum
from gensynth_plugins.hierarchical.hierarchical import HierarchicalGenerator

AGREEMENT = 0.7


@pytest.fixture(scope="module")
def space() -> DesignSpace:
    return derive(
        resnet((1, 8, 8), 10, depth=14, widths=(8, 16, 32)),
        width_ratios=[0.25, 0.5, 1.0, 1.5],
        width_multiple=4,
        operations=["separable", "inverted_bottleneck"],
        kernels=[5],
        keep=True,
        downsampling=True,
        frozen=[],
    )


def build(
    space: DesignSpace,
    *,
    agreement: float = AGREEMENT,
    trust_region_nats: float = 2.0,
    floor: float = 0.02,
) -> HierarchicalGenerator:
    return HierarchicalGenerator(
        space,
        None,
        samples=256,
        steps=8,
        elite_fraction=0.25,
        trust_region_nats_per_choice=trust_region_nats / len(space.choices),
        floor=floor,
        variety=0.0,
        agreement=agreement,
    )


def of_kind(space: DesignSpace, kind: str) -> list[int]:
    return [i for i, choice in enumerate(space.choices) if choice.kind == kind]


def similar(designs: Designs, places: list[int]) -> NDArray[np.float64]:
    """Return how often each pair of choices takes options of the same index."""
    pairs = [(i, j) for i in places for j in places if i < j]
    return np.array([(designs[:, i] == designs[:, j]).mean() for i, j in pairs])


def test_every_option_is_as_likely_as_any_other_at_the_start(space: DesignSpace) -> None:
    designs = build(space).generate(range(4000))
    for place in of_kind(space, "operation"):
        options = len(space.choices[place].options)
        shares = np.bincount(designs[:, place], minlength=options) / len(designs)
        np.testing.assert_allclose(shares, 1 / options, atol=0.04)


@pytest.mark.parametrize("agreement", [0.3, 0.7, 0.95])
def test_like_choices_agree_as_often_as_arithmetic_says(
    space: DesignSpace, agreement: float
) -> None:
    designs = build(space, agreement=agreement).generate(range(4000))
    for kind in ("operation", "kernel", "keep"):
        places = of_kind(space, kind)
        assert len(places) > 2
        options = len(space.choices[places[0]].options)
        both = agreement**2
        np.testing.assert_allclose(
            similar(designs, places), both + (1 - both) / options, atol=0.04, err_msg=kind
        )


def test_a_level_of_widths_is_a_place_in_the_list_of_each(space: DesignSpace) -> None:
    places = of_kind(space, "width")
    lengths = {len(space.choices[place].options) for place in places}
    assert len(lengths) > 1, "lists of different lengths are the point"
    designs = build(space, agreement=0.999, floor=0.001).generate(range(500))
    part = np.array(
        [designs[:, place] / (len(space.choices[place].options) - 1) for place in places]
    )
    coarsest = 1 / (min(lengths) - 1)
    spread = part.max(0) - part.min(0)
    assert (spread <= coarsest / 2 + 1e-9).mean() > 0.97  # but for the few that differ
    assert {0.0, 1.0} <= set(part[0])


def test_other_kinds_do_not_follow(space: DesignSpace) -> None:
    designs = build(space).generate(range(4000))
    operation, kernel = of_kind(space, "operation")[0], of_kind(space, "kernel")[0]
    table = np.histogram2d(designs[:, operation], designs[:, kernel], bins=(3, 2))[0] / len(designs)
    np.testing.assert_allclose(table, 1 / 6, atol=0.03)


@pytest.mark.parametrize("uneven", [False, True])
def test_it_converges_to_the_optimum(space: DesignSpace, uneven: bool) -> None:
    best = np.array([1 if c.kind == "keep" else 0 for c in space.choices])
    if uneven:
        rng = np.random.default_rng(0)
        best = np.where(best == 1, 1, rng.integers(0, space.options_per_choice))
    judge, generator = KnownOptimum(best), build(space)
    for seed in range(40):
        generator.apply(generator.improve(judge, np.random.default_rng(seed)))
    designs = generator.generate(range(500))
    assert judge(designs).utility.mean() > -0.1
    likeliest = [np.bincount(column).argmax() for column in designs.T]
    np.testing.assert_array_equal(likeliest, best)


def test_where_like_choices_belong_together_it_needs_less_change_than_independent_ones(
    space: DesignSpace,
) -> None:
    judge = KnownOptimum(np.array([1 if c.kind == "keep" else 0 for c in space.choices]))
    together = build(space)
    alone = FactorisedGenerator(
        space,
        None,
        samples=256,
        steps=8,
        elite_fraction=0.25,
        trust_region_nats_per_choice=2.0 / len(space.choices),
        floor=0.02,
        variety=0.0,
    )
    found = []
    for generator in (together, alone):
        for seed in range(3):
            generator.apply(generator.improve(judge, np.random.default_rng(seed)))
        found.append(judge(generator.generate(range(500))).utility.mean())
    assert found[0] > found[1]


@pytest.mark.parametrize("agreement", [0.0, 1.0, -0.5, 0.99])
def test_an_agreement_out_of_range_is_refused(space: DesignSpace, agreement: float) -> None:
    with pytest.raises(ConfigurationError, match=rf"agreement={agreement}"):
        build(space, agreement=agreement)


def test_a_space_without_like_choices_is_no_special_case(space: DesignSpace) -> None:
    alone = DesignSpace(space.graph, [space.choices[of_kind(space, "width")[0]]], width_multiple=4)
    judge, generator = KnownOptimum(np.array([0])), build(alone)
    assert list(generator.probabilities()) == [alone.choices[0].name]
    for seed in range(10):
        generator.apply(generator.improve(judge, np.random.default_rng(seed)))
    assert (generator.generate(range(100)) == 0).mean() > 0.9


def test_a_choice_that_agrees_does_not_move_its_own_options(space: DesignSpace) -> None:
    generator = build(space, agreement=0.999, trust_region_nats=100.0, floor=0.001)
    places = of_kind(space, "operation")
    best = np.array([1 if c.kind == "keep" else 0 for c in space.choices])
    generator.apply(generator.improve(KnownOptimum(best), np.random.default_rng(0)))
    probabilities = generator.probabilities()
    assert probabilities["level of operation:0"].max() > 0.6
    for place in places:
        vector = probabilities[space.choices[place].name]
        np.testing.assert_allclose(vector, 1 / len(vector), atol=0.1)
