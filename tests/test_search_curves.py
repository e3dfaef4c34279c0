"""What the curves of searches are made of: what a search sees, and what counts."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gensynth.design.space import DesignSpace
from gensynth.performance.net_score import NetScore
from gensynth.prototypes.resnet import resnet
from gensynth.records import Candidate, Evaluation

SPACE = DesignSpace(resnet((3, 8, 8), 10, depth=8, widths=[8, 8, 8]), (), width_multiple=4)
COSTS = {"parameters": 1e4, "macs": 1e6}
AIM, FLOOR, BEST = 70.0, 75.0, 50.0


@pytest.fixture(scope="module")
def curves() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
        yield importlib.import_module("curves")


def evaluation(candidate: Candidate, **measurements: float) -> Evaluation:
    return Evaluation(
        candidate, "key", "short", "search", "completed", measurements={**measurements, **COSTS}
    )


@pytest.fixture
def net_score() -> NetScore:
    return NetScore(quality="accuracy", alpha=2.0, beta=0.5, gamma=0.5)


def trainings(curves: Any, net_score: NetScore, seen: float, held_out: float | None) -> Any:
    """Return trainings of networks that search images and held-out images differ about."""

    def train(candidate: Candidate) -> tuple[Evaluation, dict[str, float]]:
        own = {} if held_out is None else {"accuracy": held_out, **COSTS}
        gap = seen - prototype.measurements["accuracy"]
        return evaluation(candidate, accuracy=1.0, accuracy_minus_prototype=gap), own

    own = Candidate(-1, 0, 0, SPACE.prototype_design, SPACE.graph.digest)
    prototype = evaluation(own, accuracy=90.0)
    floor = curves.Floor(FLOOR, AIM)
    return curves.Trainings(SPACE, net_score, train, prototype, floor, BEST, 0)


def test_a_search_is_told_how_far_a_network_is_from_its_aim(
    curves: Any, net_score: NetScore
) -> None:
    seen = trainings(curves, net_score, AIM + 1.0, FLOOR).try_design(SPACE.prototype_design)
    assert seen.short_by == pytest.approx(-1.0)
    assert seen.score == pytest.approx(net_score.score({"accuracy": AIM + 1.0, **COSTS}))


@pytest.mark.parametrize("seen", [AIM - 1.0, AIM + 1.0])
@pytest.mark.parametrize(
    ("held_out", "counts"), [(FLOOR, True), (FLOOR - 0.1, False), (None, False)]
)
def test_a_network_counts_by_its_held_out_accuracy_alone(
    curves: Any, net_score: NetScore, seen: float, held_out: float | None, counts: bool
) -> None:
    found = trainings(curves, net_score, seen, held_out)
    found.try_design(SPACE.prototype_design)
    score = float(net_score.score({"accuracy": FLOOR, **COSTS}))
    assert found.curve == pytest.approx([score if counts else BEST])


def test_what_was_no_training_costs_as_much_and_finds_nothing(
    curves: Any, net_score: NetScore
) -> None:
    found = trainings(curves, net_score, AIM, FLOOR)
    found.wait()
    assert found.curve == [BEST]


def test_a_method_has_reached_random_when_its_mean_has(curves: Any) -> None:
    at_random = np.array([[0.0, 2.0, 4.0], [0.0, 2.0, 6.0]])  # ends with 5 in the mean
    found = np.array([[1.0, 3.0, 9.0], [1.0, 7.0, 9.0]])  # 1, 5, 9
    assert curves.reached(found, at_random) == 2
    assert curves.reached(found - 5, at_random) is None


def test_resampled_seeds_say_when_a_method_may_never_reach_random(curves: Any) -> None:
    at_random = np.full((8, 3), 5.0)
    # The mean is 4.5; a resampled one reaches 5 when five of its eight seeds are good ones.
    found = np.concatenate([np.full((4, 3), 9.0), np.zeros((4, 3))])
    row = curves.needed(found, at_random)
    assert row == {"trainings_to_random_64": None, "interval_95": [1, None]}
