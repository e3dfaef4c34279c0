"""The margin between confirm and test, against hand arithmetic."""

import math
from dataclasses import replace

import pytest

from gensynth.confirmation import Confirmation
from gensynth.records import Candidate, Evaluation
from gensynth.requirements import Requirements


def evaluation(accuracy: float, *, paired: float = 0.2) -> Evaluation:
    share = accuracy / 100
    error = 100 * math.sqrt(share * (1 - share) / 5000)
    return Evaluation(
        Candidate(0, 0, 0, (), ""),
        "k",
        "long",
        "confirm",
        "completed",
        measurements={"accuracy": accuracy, "parameters": 100.0, "macs": 1e6},
        standard_errors={"accuracy": error, "accuracy_minus_prototype": paired},
    )


def confirmation(bound: object) -> Confirmation:
    requirements = Requirements({"accuracy": {"at_least": bound, "at_most": None}})
    resolved = requirements.resolve({"accuracy": 91.0, "parameters": 1.0, "macs": 1.0})
    return Confirmation(
        resolved,
        evaluation(91.0),
        n_confirm=5000,
        n_test=10000,
        z=1.28,
        percentages=frozenset({"accuracy"}),
    )


def test_an_absolute_bound_keeps_the_published_margin() -> None:
    margin = 100 * 1.28 * math.sqrt(0.9 * 0.1 * (1 / 5000 + 1 / 10000))
    found = confirmation(89.0).margins(evaluation(90.0))["accuracy"]
    assert found == pytest.approx(90.0 - 89.0 - margin)


@pytest.mark.parametrize(("accuracy", "met"), [(89.6, False), (89.8, True)])
def test_a_network_within_the_margin_is_not_reported_as_a_success(
    accuracy: float, *, met: bool
) -> None:
    assert confirmation(89.0).met(evaluation(accuracy)) is met


def test_a_relative_bound_uses_the_paired_difference() -> None:
    found = confirmation("prototype-0.5").margins(evaluation(91.0, paired=0.2))["accuracy"]
    assert found == pytest.approx(91.0 - 90.5 - 1.28 * 0.2)


def test_designs_are_judged_with_the_margin_of_a_network_at_the_bound() -> None:
    margin = 100 * 1.28 * math.sqrt(0.89 * 0.11 * (1 / 5000 + 1 / 10000))
    assert confirmation(89.0).expected_slack() == {"accuracy": pytest.approx(margin)}


def test_what_is_measured_exactly_needs_no_slack() -> None:
    requirements = Requirements({"macs": {"at_most": "60%"}}).resolve({"macs": 2e6})
    exact = Confirmation(
        requirements,
        evaluation(91.0),
        n_confirm=5000,
        n_test=10000,
        z=1.28,
        percentages=frozenset({"accuracy"}),
    )
    assert exact.expected_slack() == {}
    assert exact.slack(evaluation(80.0)) == {}
    assert exact.met(evaluation(80.0))


def test_the_worst_margin_ranks_networks_that_miss() -> None:
    standard = confirmation(89.0)
    assert standard.worst(evaluation(88.0)) > standard.worst(evaluation(80.0))
    assert "accuracy 88 misses at_least 89" in standard.shortfall(evaluation(88.0))


def test_a_failure_is_never_a_success() -> None:
    failed = Evaluation(Candidate(0, 0, 0, (), ""), "k", "long", "confirm", "failed", "NaN")
    assert not confirmation(0.0).met(failed)


def test_a_short_training_keeps_exact_margins_and_the_raw_one_of_its_quality() -> None:
    bounds = {"accuracy": {"at_least": 89.0}, "parameters": {"at_most": 150}}
    resolved = Requirements({**bounds, "macs": {"at_least": None}}).resolve({})
    standard = Confirmation(
        resolved,
        evaluation(91.0),
        n_confirm=5000,
        n_test=10000,
        z=1.28,
        percentages=frozenset({"accuracy"}),
    )
    short = replace(evaluation(90.0), fidelity="short", split="search")
    assert standard.figures(short) == {"margin_parameters": 50.0, "search_margin_accuracy": 1.0}
    long = standard.figures(evaluation(90.0))
    assert long["margin_parameters"] == 50.0
    assert long["margin_accuracy"] == standard.margins(evaluation(90.0))["accuracy"] < 1.0
    assert "search_margin_accuracy" not in long


def test_a_failure_has_no_margins_and_is_never_nearest() -> None:
    failed = replace(evaluation(0.0), status="failed", cause="NaN", measurements={})
    standard = confirmation(89.0)
    assert standard.figures(failed) == {}
    assert standard.nearest([failed]) is None
    assert standard.nearest([evaluation(80.0), failed, evaluation(88.0)]) == evaluation(88.0)


def test_a_bound_on_a_score_keeps_a_margin_of_its_own() -> None:
    resolved = Requirements({"net_score": {"at_least": 105.0}}).resolve({})
    own = replace(
        evaluation(91.0), measurements={"net_score": 97.0}, standard_errors={"net_score": 0.1}
    )
    standard = Confirmation(resolved, own, 5000, 10000, 1.28, frozenset({"accuracy"}))
    margin = 1.28 * 0.1 * math.sqrt(1.5)
    assert standard.expected_slack() == {"net_score": pytest.approx(margin)}
    narrow = replace(own, measurements={"net_score": 105.05})
    assert not standard.met(narrow)
