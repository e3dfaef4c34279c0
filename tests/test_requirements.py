"""Requirements: what users may write, what it resolves to, when it holds and by how much."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gensynth.errors import RequirementError
from gensynth.requirements import (
    Requirements,
    ResolvedRequirements,
    confirm_margin,
    own_margin,
)

relaxed = settings(deadline=None, max_examples=50, derandomize=True)
PROTOTYPE = {"accuracy": 92.0, "parameters": 269_722.0, "macs": 40_000_000.0}
Bound = float | str | None


def required(name: str, at_least: Bound = None, at_most: Bound = None) -> Requirements:
    bounds = {name: {"at_least": at_least, "at_most": at_most}}
    return Requirements(bounds, percent={"accuracy"})


def resolved(name: str, at_least: Bound = None, at_most: Bound = None) -> ResolvedRequirements:
    return required(name, at_least, at_most).resolve(PROTOTYPE)


@pytest.mark.parametrize(
    ("name", "written", "limit", "relative"),
    [
        ("macs", 15_000_000, 15e6, False),
        ("macs", "15e6", 15e6, False),
        ("macs", "60%", 24e6, True),
        ("macs", "12.5 %", 5e6, True),
        ("accuracy", 89, 89.0, False),
        ("accuracy", 89.5, 89.5, False),
        ("accuracy", "prototype", 92.0, True),
        ("accuracy", "prototype-0.5", 91.5, True),
        ("accuracy", "prototype - 0.5", 91.5, True),
        ("accuracy", "prototype+1", 93.0, True),
    ],
)
def test_bounds_resolve_to_the_measurements_unit(
    name: str, written: Bound, limit: float, relative: bool
) -> None:
    for side in ("at_least", "at_most"):
        (bound,) = Requirements({name: {side: written}}).resolve(PROTOTYPE).bounds
        assert (bound.name, bound.side, bound.relative) == (name, side, relative)
        assert bound.limit == pytest.approx(limit)


@pytest.mark.parametrize(
    "written",
    ["sixty", "60 percent", "%", "prototype*2", "prototype-", "-5%", "nan", "inf", True, [1], ""],
)
def test_anything_else_is_refused_in_one_line(written: object) -> None:
    with pytest.raises(RequirementError) as error:
        Requirements({"macs": {"at_most": written}})
    line = str(error.value)
    assert "\n" not in line
    assert all(part in line for part in ("requirements.macs.at_most", repr(written), "'60%'"))


def test_a_share_of_a_percentage_is_refused() -> None:
    with pytest.raises(RequirementError, match=r"requirements.accuracy.at_least.*'98%'.*ambiguous"):
        required("accuracy", "98%")
    own = {"recall": {"at_least": "98%"}}
    assert Requirements(own).requirements
    with pytest.raises(RequirementError, match="ambiguous"):
        Requirements(own, percent={"recall"})


@pytest.mark.parametrize("written", [101, -1, "100.5"])
def test_a_percentage_lies_between_0_and_100(written: Bound) -> None:
    with pytest.raises(RequirementError, match=r"accuracy.at_least: .* is no percentage; .* 0 to"):
        required("accuracy", written)
    assert required("macs", written).requirements


def test_what_nobody_measures_is_refused_before_anything_is_trained() -> None:
    required("accuracy", 89).check_measured(["accuracy", "macs"])
    with pytest.raises(RequirementError, match=r"'accuracy' is not measured; .*\['macs'\]: list"):
        required("accuracy", 89).check_measured(["macs"])
    required("accuracy").check_measured([])  # a bound of null requires nothing


@pytest.mark.parametrize(
    ("bounds", "line"),
    [
        ({"macs": {"atmost": 3}}, r"unknown key 'atmost'; allowed are \['at_least', 'at_most'\]"),
        ({"macs": 3}, "requirements.macs: 3 has no side; set requirements.macs.at_least or"),
    ],
)
def test_misshapen_requirements_are_refused(bounds: dict[str, object], line: str) -> None:
    with pytest.raises(RequirementError, match=line):
        Requirements(bounds)


def test_nulls_require_nothing() -> None:
    requirements = Requirements(
        {"accuracy": {"at_least": None, "at_most": None}, "macs": {"at_most": None}}
    )
    assert requirements.requirements == ()
    assert requirements.resolve({}).bounds == ()
    assert requirements.resolve({}).met({})


def test_a_relative_bound_needs_the_prototypes_measurement() -> None:
    with pytest.raises(RequirementError, match=r"requirements.latency_ms is relative.*'accuracy'"):
        resolved("latency_ms", at_most="50%")
    assert resolved("latency_ms", at_most=3.0).met({"latency_ms": 2.0})


def test_bounds_that_exclude_each_other_are_refused() -> None:
    with pytest.raises(RequirementError, match="nothing is at_least 93 and at_most 92"):
        resolved("accuracy", "prototype+1", "prototype")
    assert resolved("accuracy", 90, 90).met({"accuracy": 90.0})


@relaxed
@given(*[st.floats(0, 100) for _ in range(3)], st.floats(0, 5))
def test_met_is_the_definition_margins_agree_and_only_a_miss_has_a_text(
    value: float, low: float, width: float, slack: float
) -> None:
    requirements = resolved("macs", low, low + width)
    measured, kept = {"macs": value}, {"macs": slack}
    margin = requirements.margins(measured, kept)["macs"]
    assert margin == pytest.approx(min(value - low, low + width - value) - slack, abs=1e-9)
    assert requirements.met(measured, kept) == (margin >= 0)
    assert (requirements.shortfall(measured, kept) == "") == requirements.met(measured, kept)


def test_a_bound_that_is_just_reached_holds() -> None:
    assert resolved("accuracy", 89).met({"accuracy": 89.0})
    assert resolved("macs", None, "60%").met({"macs": 24e6})
    assert not resolved("macs", None, "60%").met({"macs": 24e6 + 1})


def test_each_side_s_own_margin_follows_from_that_of_the_nearer_one() -> None:
    both = resolved("parameters", 10_000, 20_000)
    for value in (9_000.0, 12_000.0, 19_500.0):
        nearest = both.margins({"parameters": value}, {"parameters": 500.0})["parameters"]
        lower, upper = (own_margin(one, both.bounds, value, nearest) for one in both.bounds)
        assert (lower, upper) == (value - 10_500, 19_500 - value)


def test_a_nan_misses() -> None:
    requirements = resolved("accuracy", 89)
    assert not requirements.met({"accuracy": math.nan})
    assert requirements.shortfall({"accuracy": math.nan})


def test_shortfall_reads_like_a_sentence() -> None:
    both = Requirements({"accuracy": {"at_least": 89}, "macs": {"at_most": "60%"}})
    requirements = both.resolve(PROTOTYPE)
    assert requirements.shortfall({"accuracy": 90.0, "macs": 1e6}) == ""
    assert requirements.shortfall({"accuracy": 87.2, "macs": 1e6}) == (
        "accuracy 87.2 misses at_least 89 by 1.8"
    )
    assert requirements.shortfall({"accuracy": 89.1, "macs": 25e6}, {"accuracy": 0.5}) == (
        "accuracy 89.1 misses at_least 89 with margin 0.5 by 0.4; "
        "macs 25,000,000 misses at_most 24,000,000 by 1,000,000"
    )


def test_a_required_measurement_that_was_not_measured_is_named() -> None:
    with pytest.raises(RequirementError, match=r"'accuracy' is required.*\['macs'\]"):
        resolved("accuracy", 89).margins({"macs": 3.0})


def test_costs_are_split_from_quality() -> None:
    written = {
        "accuracy": {"at_least": "prototype-1"},
        "parameters": {"at_most": 1e5},
        "macs": {"at_most": "60%"},
    }
    requirements = Requirements(written).resolve(PROTOTYPE)
    assert [b.name for b in requirements.cheap.bounds] == ["parameters", "macs"]
    assert [b.name for b in requirements.quality.bounds] == ["accuracy"]
    costs = {"parameters": 269_722.0, "macs": 40e6}
    assert Requirements(written).cheap.resolve(costs) == requirements.cheap


def test_confirm_margin_is_the_spread_of_a_difference_of_two_proportions() -> None:
    # One-sided 90 % of the difference between 5,000 and 10,000 images at 90 %: sqrt(.09 x 3e-4).
    expected = 1.28 * 100 * math.sqrt(0.09 * (1 / 5000 + 1 / 10000))
    error = 100 * math.sqrt(0.09 / 5000)
    assert confirm_margin(error, 5000, 10000) == pytest.approx(expected)
    assert confirm_margin(error, 5000, 10000) == pytest.approx(0.665, abs=5e-4)


def test_slack_is_the_margin_for_absolute_bounds_and_paired_for_relative_ones() -> None:
    sizes = {"n_confirm": 5000, "n_test": 10000}
    errors = {"accuracy": 0.4, "accuracy_minus_prototype": 0.25}
    absolute = resolved("accuracy", 89)
    assert absolute.slack(errors, **sizes) == {"accuracy": confirm_margin(0.4, 5000, 10000)}
    relative = resolved("accuracy", "prototype-2")
    assert relative.slack(errors, **sizes, z=2.0) == {"accuracy": 0.5}
    assert relative.slack({"accuracy": 0.4}, **sizes) == {"accuracy": 0.0}  # the prototype itself
    assert resolved("macs", None, "60%").slack(errors, **sizes) == {}
