"""What designs are worth, and how worth becomes weight."""

import numpy as np
import pytest
from numpy.typing import NDArray

from gensynth.generators.generator import Designs, Judgement
from gensynth.generators.worth import elite_advantages, worth

PROTOTYPE = np.array([[-1]], dtype=np.int64)
Values = NDArray[np.float64]


def worth_of(
    utility: list[float],
    probability: list[float],
    quality: list[float] | None = None,
    allowed: list[bool] | None = None,
    to_beat: float = -np.inf,
) -> Values:
    """Judge designs 0, 1, ...; the prototype's utility is 100."""

    def judge(designs: Designs) -> Judgement:
        if designs[0, 0] == -1:
            own = [np.array([x]) for x in (92.0, 1.0, 100.0, 1.0)]
            return Judgement(own[0], own[1], own[2], own[3])
        return Judgement(
            np.array(quality or [90.0] * len(utility)),
            np.ones(len(utility)),
            np.array(utility),
            np.array(probability),
            to_beat,
        )

    designs = np.arange(len(utility), dtype=np.int64)[:, None]
    return worth(judge, designs, PROTOTYPE, np.array(allowed or [True] * len(utility)))


def test_what_does_not_beat_what_is_in_hand_is_worth_next_to_nothing() -> None:
    utility, probability = [105.0, 109.0, 112.0], [0.8, 0.7, 0.3]
    assert worth_of(utility, probability).argmax() == 1
    values = worth_of(utility, probability, to_beat=111.0)
    assert values.argmax() == 2
    assert values[0] < 0.01


def test_more_gain_and_more_probability_are_worth_more() -> None:
    values = worth_of([110, 120, 120, 90], [0.8, 0.8, 0.5, 0.8])
    assert values.max() == values[1] == 1
    assert values[0] > values[3] > 0
    assert values[1] > values[2]


def test_without_a_sure_design_worth_is_gain_over_the_prototype_times_squared_probability() -> None:
    values = worth_of([110, 112, 114], [0.8, 0.7, 0.6])
    np.testing.assert_allclose(values[1] / values[0], 12 / 10 * (0.7 / 0.8) ** 2, rtol=1e-3)
    np.testing.assert_allclose(values[2] / values[0], 14 / 10 * (0.6 / 0.8) ** 2, rtol=1e-3)


def test_gain_is_counted_from_the_best_sure_design() -> None:
    values = worth_of([110, 130, 112, 60, 60], [0.95, 0.6, 0.99, 0.5, 0.5])
    assert values.argmax() == 1  # beyond what is sure; its own chance is smaller
    spread = np.std([110, 130, 112, 60, 60]) / 4
    gain = np.logaddexp(0, (np.array([110, 112, 130]) - 112) / spread)
    expected = gain * np.square([0.95, 0.99, 0.6])
    np.testing.assert_allclose(values[[0, 2]] / values[1], expected[:2] / expected[2], rtol=1e-9)


def test_a_sure_gain_beats_a_slim_chance_of_a_slightly_larger_one() -> None:
    values = worth_of([110, 112, 60, 60], [1.0, 0.1, 0.5, 0.5])
    assert values[0] > values[1]


def test_far_from_any_that_pass_worth_climbs_the_probability() -> None:
    values = worth_of([105, 120, 130, 100], [1e-40, 1e-120, 1e-200, 0.0])
    assert (np.argsort(-values) == [0, 1, 2, 3]).all()
    assert values[0] == 1
    assert values[3] == 0


def test_without_any_probability_the_quality_of_the_allowed_counts() -> None:
    values = worth_of([1, 1, 1, 1], [0] * 4, [70, 90, 80, 99], [True, True, True, False])
    np.testing.assert_allclose(values, [0, 1, 0.5, 0])


@pytest.mark.parametrize("utility", [np.nan, -np.inf])
def test_what_cannot_be_judged_is_worth_nothing(utility: float) -> None:
    np.testing.assert_array_equal(worth_of([utility, 110], [1, 1]), [0, 1])
    assert not worth_of([utility, utility], [1, 1]).any()


def test_equal_designs_are_worth_the_same() -> None:
    np.testing.assert_array_equal(worth_of([110, 110], [0.7, 0.7]), [1, 1])


def test_only_the_elite_weighs_and_only_by_rank() -> None:
    values = np.array([0.1, 0.9, 0.5, 0.7, 0.3, 0.2, 0.0, 0.4, 0.6, 0.8])
    weights = elite_advantages(values, 0.3) + 0.1
    assert weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(np.sort(weights), [0] * 7 + [1 / 9, 3 / 9, 5 / 9], atol=1e-12)
    assert weights[1] > weights[9] > weights[3]
    np.testing.assert_allclose(elite_advantages(values**9, 0.3) + 0.1, weights, atol=1e-12)


def test_ties_share_their_weight() -> None:
    weights = elite_advantages(np.array([0.0, 1.0, 1.0, 0.0, 0.5, 0.2]), 0.5) + 1 / 6
    assert weights[1] == weights[2] > weights[4] > weights[5] == weights[0]
    mostly_equal = elite_advantages(np.array([1.0, 1.0, 1.0, 0.0]), 0.25)
    np.testing.assert_allclose(mostly_equal, [1 / 12, 1 / 12, 1 / 12, -1 / 4])
    np.testing.assert_allclose(elite_advantages(np.full(6, 0.7), 0.9), 0, atol=1e-12)
