"""Probabilities: exact where costs decide, a normal tail where quality does, counted elsewhere."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from gensynth.design.space import DesignSpace
from gensynth.inquisitors.chances import Chances
from gensynth.inquisitors.features import DesignFeatures
from gensynth.inquisitors.prior import Prior
from gensynth.performance.net_score import NetScore
from gensynth.records import Candidate, Evaluation, Fidelity
from gensynth.requirements import Requirements

Values = NDArray[np.float64]
Make = Callable[..., Chances]
PRIOR = Prior(
    halving_cost_logits=0.2, prototype_epochs=8, short_epochs=2, long_epochs=8, inherit=False
)


@pytest.fixture
def make(space: DesignSpace) -> Make:
    def build(bounds: dict[str, object], slack: dict[str, float] | None = None) -> Chances:
        return Chances(
            DesignFeatures(space, PRIOR),
            Requirements(bounds).resolve({"accuracy": 91.0}),
            slack or {},
            "accuracy",
            NetScore(quality="accuracy", alpha=2.0, beta=0.5, gamma=0.5),
        )

    return build


def ask(chances: Chances, space: DesignSpace, designs: NDArray[np.int64], mean: float) -> Values:
    batch = DesignFeatures(space, PRIOR).batch(designs)
    n = len(designs)
    return chances.probability(batch, np.full(n, mean), np.full(n, 0.2))


def two_ends(space: DesignSpace) -> NDArray[np.int64]:
    """The prototype, and the same at its least widths."""
    small = [0 if c.kind == "width" else c.prototype for c in space.choices]
    return np.array([space.prototype_design, small])


def failed(design: tuple[int, ...], key: str) -> Evaluation:
    candidate = Candidate(0, 0, 0, design, "digest")
    return Evaluation(candidate, key, "short", "search", "failed", cause="out of memory")


def test_nothing_required_and_nothing_seen_is_near_certain(make: Make, space: DesignSpace) -> None:
    assert ask(make({}), space, two_ends(space), 2.0) == pytest.approx(0.95)


def test_exact_costs_pass_or_do_not(make: Make, space: DesignSpace) -> None:
    limit = int(space.costs(two_ends(space)).parameters.mean())
    chances = make({"parameters": {"at_most": limit}})
    assert ask(chances, space, two_ends(space), 2.0) == pytest.approx([0, 0.95])


def test_quality_at_its_limit_is_even_and_slack_moves_the_limit(
    make: Make, space: DesignSpace
) -> None:
    at_limit = float(np.log(0.9 / 0.1))
    even = ask(make({"accuracy": {"at_least": 90}}), space, two_ends(space), at_limit)
    assert even == pytest.approx(0.95 / 2)
    stricter = make({"accuracy": {"at_least": 89}}, {"accuracy": 1.0})
    assert ask(stricter, space, two_ends(space), at_limit) == pytest.approx(0.95 / 2)
    above = make({"accuracy": {"at_most": 91}}, {"accuracy": 1.0})
    assert ask(above, space, two_ends(space), at_limit) == pytest.approx(0.95 / 2)


@pytest.mark.parametrize(
    ("bound", "fidelity", "kept"),
    [("prototype-1", "long", 0.5), ("prototype-1", "short", 2.0), (90.0, "long", 2.0)],
)
def test_images_in_common_shrink_the_slack_of_a_relative_bound_once_seen(
    make: Make, space: DesignSpace, bound: object, fidelity: Fidelity, kept: float
) -> None:
    chances = make({"accuracy": {"at_least": bound}}, {"accuracy": 2.0})
    candidate = Candidate(0, 0, 0, space.prototype_design, "digest")
    for key, paired in (("one", 0.3), ("other", 0.1)):  # of 0.8: on average a quarter
        errors = {"accuracy": 0.8, "accuracy_minus_prototype": paired}
        seen = Evaluation(
            candidate, key, fidelity, "confirm", "completed",
            measurements={"accuracy": 91.0}, standard_errors=errors,
        )  # fmt: skip
        chances.observe(seen)
    at_limit = np.log((90 + kept) / (10 - kept))
    design = two_ends(space)[:1]
    (even,) = ask(chances, space, design, float(at_limit))
    (sure,) = ask(chances, space, design, 50.0)
    assert even == pytest.approx(sure / 2)


def test_a_required_performance_is_even_where_it_is_expected(
    make: Make, space: DesignSpace
) -> None:
    costs = space.costs(two_ends(space)[:1])
    score = NetScore(quality="accuracy", alpha=2.0, beta=0.5, gamma=0.5).score(
        {
            "accuracy": 100 / (1 + np.exp(-2.0)),
            "parameters": float(costs.parameters[0]),
            "macs": float(costs.macs[0]),
        }
    )
    chances = make({"net_score": {"at_least": float(score)}})
    even, sure = ask(chances, space, two_ends(space), 2.0)
    assert even == pytest.approx(0.95 / 2, abs=0.05)
    assert sure > 0.94


def test_failures_lower_the_chance_of_their_neighbours_most(make: Make, space: DesignSpace) -> None:
    chances = make({})
    designs = two_ends(space)
    for number in range(3):
        design = designs[1].tolist()
        design[number] = 1 - design[number] if number else design[number]
        chances.observe(failed(tuple(design), f"k{number}"))
    far, near = ask(chances, space, designs, 2.0)
    assert near < 0.7
    assert far > near + 0.1


def test_other_measurements_are_counted_among_neighbours(make: Make, space: DesignSpace) -> None:
    chances = make({"latency_ms": {"at_most": 5}})
    slow, fast = (tuple(int(o) for o in row) for row in two_ends(space))
    before = ask(chances, space, two_ends(space), 2.0)
    for design, latency in ((slow, 9.0), (fast, 2.0)):
        evaluation = replace(
            failed(design, "k"), status="completed", cause="", measurements={"latency_ms": latency}
        )
        chances.observe(evaluation)
    after = ask(chances, space, two_ends(space), 2.0)
    assert after[0] < before[0] < after[1]


def test_what_short_trainings_estimate_says_nothing_of_long_ones(
    make: Make, space: DesignSpace
) -> None:
    chances = make({"mean_iou": {"at_least": 50}})
    before = ask(chances, space, two_ends(space), 2.0)
    design = tuple(int(option) for option in two_ends(space)[1])
    short = replace(
        failed(design, "k"),
        status="completed",
        cause="",
        measurements={"mean_iou": 30.0},
        standard_errors={"mean_iou": 1.0},
    )
    chances.observe(short)
    assert ask(chances, space, two_ends(space), 2.0)[1] >= before[1]
    chances.observe(replace(short, fidelity="long"))
    assert ask(chances, space, two_ends(space), 2.0)[1] < before[1] - 0.1
