"""The learning inquisitor on a made-up truth: calibrated, better with probing, deterministic."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from gensynth.design.space import DesignSpace
from gensynth.generators.generator import Generator, Judge, Judgement
from gensynth.inquisitors.learning import LearningInquisitor, lost_name
from gensynth.inquisitors.prior import Prior
from gensynth.performance.net_score import NetScore
from gensynth.prototypes.resnet import resnet
from gensynth.records import Candidate, Evaluation, Fidelity
from gensynth.requirements import Requirements

SEEDS = range(5)
HELD_OUT = 300
PROTOTYPE = 10**6

Designs = NDArray[np.int64]
Values = NDArray[np.float64]
Build = Callable[..., LearningInquisitor]
Make = Callable[[int], Any]


def random_designs(space: DesignSpace, count: int, seed: int) -> Designs:
    rng = np.random.default_rng([seed, 99])
    return rng.integers(0, space.options_per_choice, (count, len(space.choices)))


def teach(
    inquisitor: LearningInquisitor, space: DesignSpace, truth: Any, designs: Designs, long: int = 0
) -> LearningInquisitor:
    """Observe the prototype, then the designs; the last `long` of them trained long."""
    own = space.prototype_design
    inquisitor.observe(truth.evaluate(own, "long", PROTOTYPE), truth.respond(own, PROTOTYPE))
    for i, row in enumerate(designs):
        design = tuple(int(option) for option in row)
        fidelity: Fidelity = "long" if i >= len(designs) - long else "short"
        inquisitor.observe(truth.evaluate(design, fidelity, i), truth.respond(design, i))
    return inquisitor


def spearman(one: Values, two: Values) -> float:
    first, second = (np.argsort(np.argsort(values)).astype(np.float64) for values in (one, two))
    return float(np.corrcoef(first, second)[0, 1])


def rank_correlation(
    inquisitor: LearningInquisitor, space: DesignSpace, truth: Any, seed: int
) -> float:
    held_out = random_designs(space, HELD_OUT, 1000 + seed)
    true = truth.logits(held_out, short=False)
    return spearman(inquisitor.judge(held_out).quality, true)


def test_intervals_cover_and_ranks_agree_after_24_networks(
    space: DesignSpace, inquisitor: Build, make_truth: Make
) -> None:
    covered, ranks = [], []
    for seed in SEEDS:
        truth = make_truth(seed)
        taught = teach(
            inquisitor(probing=True), space, truth, random_designs(space, 24, seed), long=4
        )
        held_out = random_designs(space, HELD_OUT, 1000 + seed)
        luck = np.random.default_rng(seed).normal(0, 0.05, HELD_OUT)
        quality = 100 / (1 + np.exp(-truth.logits(held_out, short=False) - luck))
        judged = taught.judge(held_out)
        covered.append(np.mean(abs(quality - judged.quality) < 1.2816 * judged.deviation))
        ranks.append(rank_correlation(taught, space, truth, seed))
    assert 0.6 <= np.mean(covered) <= 0.95
    assert np.mean(ranks) >= 0.7


def test_what_is_foretold_comes_true_as_often_as_it_says(
    space: DesignSpace, inquisitor: Build, make_truth: Make
) -> None:
    inside, widths = [], []
    for seed in SEEDS:
        designs = random_designs(space, 24, seed)
        taught = teach(inquisitor(), space, make_truth(seed), designs, long=4)
        foretold = taught.state_dict()["foretold"]
        assert len(foretold) == len(taught.state_dict()["observations"]) - 1
        assert sorted({one["fidelity"] for one in foretold}) == ["long", "short"]
        inside += [one["low"] <= one["read"] <= one["high"] for one in foretold]
        widths += [one["high"] - one["low"] for one in foretold[len(foretold) // 2 :]]
    assert np.mean(inside) >= 0.88
    assert np.mean(widths) < 25


def test_nothing_is_foretold_of_what_was_read_before_and_nothing_later_changes_it(
    space: DesignSpace, inquisitor: Build, make_truth: Make
) -> None:
    truth, taught = make_truth(0), inquisitor()
    taught.observe(truth.evaluate(space.prototype_design, "long", PROTOTYPE), ())
    assert taught.state_dict()["foretold"] == []
    first, second = (tuple(row) for row in random_designs(space, 2, 0).tolist())
    short = truth.evaluate(first, "short", 0)
    before = taught.judge(np.array([first]))
    taught.observe(truth.evaluate(first, "long", 0), ())
    (told,) = taught.state_dict()["foretold"]
    assert told["low"] < before.quality[0] < told["high"]
    assert told["read"] == pytest.approx(truth.evaluate(first, "long", 0).measurements["accuracy"])
    taught.observe(replace(truth.evaluate(first, "long", 0), key="read again"), ())
    assert taught.state_dict()["foretold"] == [told]
    taught.observe(short, ())
    taught.observe(truth.evaluate(second, "long", 1), ())
    found = taught.state_dict()["foretold"]
    assert found[0] == told
    assert [one["fidelity"] for one in found] == ["long", "short", "long"]


def test_a_candidate_with_the_prototypes_design_is_read_as_any_other(
    space: DesignSpace, inquisitor: Build, make_truth: Make
) -> None:
    truth, own = make_truth(0), space.prototype_design
    taught = inquisitor(prototype_epochs=64)
    first = truth.evaluate(own, "long", PROTOTYPE)
    taught.observe(first, ())
    judged = taught.judge(np.array([own])).quality[0]
    assert judged < first.measurements["accuracy"] - 3
    for seed in range(4):
        taught.observe(truth.evaluate(own, "long", seed), ())
    reads = [truth.evaluate(own, "long", seed).measurements["accuracy"] for seed in range(4)]
    assert [one["read"] for one in taught.state_dict()["foretold"]] == pytest.approx(reads)
    assert abs(taught.judge(np.array([own])).quality[0] - np.mean(reads)) < 1.5


def test_what_was_read_beside_the_prototype_is_foretold_on_the_confirm_split(
    space: DesignSpace, inquisitor: Build, make_truth: Make
) -> None:
    truth, taught = make_truth(0), inquisitor()
    prototype = truth.evaluate(space.prototype_design, "long", PROTOTYPE)
    taught.observe(prototype, ())
    design = tuple(random_designs(space, 1, 0).tolist()[0])
    found = truth.evaluate(design, "long", 0)
    gap = {"accuracy": 1.0, "accuracy_minus_prototype": -7.0}  # on a split of its own difficulty
    errors = {"accuracy": 9.0, "accuracy_minus_prototype": 0.5}
    taught.observe(replace(found, measurements=gap, standard_errors=errors), ())
    (told,) = taught.state_dict()["foretold"]
    assert told["read"] == pytest.approx(prototype.measurements["accuracy"] - 7.0)


def test_probing_ranks_better_than_blind_with_8_networks(
    space: DesignSpace, inquisitor: Build, make_truth: Make
) -> None:
    ranks = np.array(
        [
            [
                rank_correlation(
                    teach(
                        inquisitor(probing=probing), space, truth, random_designs(space, 8, seed)
                    ),
                    space,
                    truth,
                    seed,
                )
                for probing in (False, True)
            ]
            for seed, truth in ((seed, make_truth(seed)) for seed in SEEDS)
        ]
    )
    blind, probing = ranks.mean(0)
    assert probing > blind + 0.05


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_few_networks_give_sensible_judgements(
    space: DesignSpace, inquisitor: Build, make_truth: Make, count: int
) -> None:
    truth = make_truth(0)
    taught = teach(inquisitor(probing=True), space, truth, random_designs(space, count, 0))
    judged = taught.judge(random_designs(space, 500, 1))
    own = taught.judge(np.array([space.prototype_design]))
    for values in (judged.quality, judged.deviation, judged.utility, judged.probability):
        assert values.shape == (500,)
        assert np.isfinite(values).all()
    assert ((judged.quality > 0) & (judged.quality < 100)).all()
    assert ((judged.probability >= 0) & (judged.probability <= 1)).all()
    assert own.quality[0] == pytest.approx(100 / (1 + np.exp(-2.4)), abs=3)
    assert own.deviation[0] < judged.deviation.mean()


def test_nothing_observed_gives_the_prior(space: DesignSpace, inquisitor: Build) -> None:
    judged = inquisitor().judge(np.array([space.prototype_design]))
    assert 50 < judged.quality[0] < 95
    assert judged.deviation[0] > 10


def test_a_prototype_trained_for_longer_does_not_pass_for_what_candidates_reach(
    space: DesignSpace, inquisitor: Build, make_truth: Make
) -> None:
    held_out = random_designs(space, 200, 1)
    own = space.prototype_design
    missed: dict[int, list[float]] = {}
    for epochs in (8, 32):
        for seed in SEEDS:
            truth, taught = make_truth(seed), inquisitor(prototype_epochs=epochs)
            longer = truth.evaluate(own, "long", PROTOTYPE)
            taught.observe(replace(longer, measurements={"accuracy": 97.5}), ())
            for i, row in enumerate(random_designs(space, 6, seed).tolist()):
                taught.observe(truth.evaluate(tuple(row), "long", i), ())
            true = 100 / (1 + np.exp(-truth.logits(held_out, short=False)))
            error = taught.judge(held_out).quality - true
            missed.setdefault(epochs, []).append(float((error**2).mean() ** 0.5))
    assert np.mean(missed[32]) < 0.9 * np.mean(missed[8])


def test_a_search_has_to_beat_the_best_that_rather_passes_and_settling_does_not(
    space: DesignSpace, inquisitor: Build, make_truth: Make
) -> None:
    truth, designs = make_truth(0), random_designs(space, 12, 0)
    taught = teach(inquisitor(), space, truth, designs, long=12)
    judged = taught.judge(designs)
    passing = judged.utility[judged.probability >= 0.5]
    assert 0 < len(passing) < len(designs)
    told: list[Judgement] = []

    class Listening:
        def improve(self, judge: Judge, rng: np.random.Generator, *, varied: bool) -> None:
            told.append(judge(designs))

    for settle in (False, True):
        taught.propose(cast(Generator, Listening()), np.random.default_rng(0), settle=settle)
    searching, settling = told
    assert searching.to_beat == pytest.approx(passing.max())
    np.testing.assert_allclose(searching.probability, judged.probability)
    assert settling.to_beat == -np.inf
    assert (settling.probability <= judged.probability).all()


def test_a_collapsed_network_tells_little_about_the_others(
    space: DesignSpace, inquisitor: Build, make_truth: Make
) -> None:
    truth, designs = make_truth(0), random_designs(space, 16, 0)
    held_out = random_designs(space, 200, 1)
    sound = teach(inquisitor(), space, truth, designs)
    before = sound.judge(held_out).quality
    evaluation = truth.evaluate(tuple(int(o) for o in held_out[0]), "short", 77)
    sound.observe(replace(evaluation, measurements={"accuracy": 10.0}), ())
    after = sound.judge(held_out).quality
    assert np.abs(after - before)[1:].mean() < 1.0


def test_a_key_seen_before_tells_nothing_new(
    space: DesignSpace, inquisitor: Build, make_truth: Make
) -> None:
    truth, designs = make_truth(0), random_designs(space, 3, 0)
    once = teach(inquisitor(), space, truth, designs)
    twice = teach(teach(inquisitor(), space, truth, designs), space, truth, designs)
    assert once.state_dict() == twice.state_dict()


def test_theta_i_depends_on_what_was_observed_alone(
    space: DesignSpace, inquisitor: Build, make_truth: Make
) -> None:
    truth, designs = make_truth(0), random_designs(space, 6, 0)
    once = teach(inquisitor(probing=True), space, truth, designs)
    asked = teach(inquisitor(probing=True), space, truth, designs[:3])
    asked.judge(designs)
    asked.insights()
    for i, row in enumerate(designs[3:], start=3):
        design = tuple(int(option) for option in row)
        asked.observe(truth.evaluate(design, "short", i), truth.respond(design, i))
    assert json.loads(json.dumps(once.state_dict())) == asked.state_dict()


def test_without_probes_responses_are_not_read(
    space: DesignSpace, inquisitor: Build, make_truth: Make
) -> None:
    quantities = {
        insight.quantity
        for insight in teach(
            inquisitor(), space, make_truth(0), random_designs(space, 2, 0)
        ).insights()
    }
    assert quantities == {"predicted_quality_change_points"}


def test_insights_tell_every_option_and_what_matters_most(
    space: DesignSpace, inquisitor: Build, make_truth: Make
) -> None:
    truth = make_truth(0)
    taught = teach(inquisitor(probing=True), space, truth, random_designs(space, 24, 0))
    insights = taught.insights()
    options = {c.name: len(c.options) for c in space.choices}
    own = {c.name: c.prototype for c in space.choices}
    assert all(len(insight.values) == options[insight.choice] for insight in insights)
    assert all(insight.values[own[insight.choice]] == pytest.approx(0) for insight in insights)
    read = {i.choice: i for i in insights if i.quantity == lost_name(truth_quantity(truth))}
    widths = [i for i, c in enumerate(space.choices) if c.kind == "width"]
    important = truth.importance[widths] * truth.distortion[widths]
    lost = [max(read[space.choices[i].name].values) for i in widths]
    assert spearman(important, np.array(lost)) > 0.7
    assert {i.choice for i in insights} == set(options)


def truth_quantity(truth: Any) -> str:
    return str(truth.respond(truth.space.prototype_design, 0)[0].quantity)


def test_a_space_without_choices_is_judged_too() -> None:
    graph = resnet((1, 8, 8), 10, depth=8, widths=(4, 8, 8))
    alone = DesignSpace(graph, (), width_multiple=4)
    score = NetScore(quality="accuracy", alpha=2.0, beta=0.5, gamma=0.5)
    nothing = Requirements({}).resolve({})
    prior = Prior(
        halving_cost_logits=0.15, prototype_epochs=4, short_epochs=2, long_epochs=4, inherit=False
    )
    one = LearningInquisitor(alone, nothing, score, probes={}, quality="accuracy", prior=prior)
    assert one.judge(np.zeros((2, 0), dtype=np.int64)).quality.shape == (2,)
    assert one.insights() == ()


def read(design: tuple[int, ...], split: str, accuracy: float, **more: Any) -> Evaluation:
    """A long training's reading; of the prototype without a difference to itself."""
    candidate = Candidate(0, 0, 3, design, "".join(map(str, design)))
    return Evaluation(
        candidate, f"{split}-{design}", "long", split, "completed",
        measurements={"accuracy": accuracy, **more},
        standard_errors={"accuracy": 0.5, "accuracy_minus_prototype": 0.4},
    )  # fmt: skip


def small(space: DesignSpace) -> tuple[int, ...]:
    return tuple(0 if c.kind == "width" else c.prototype for c in space.choices)


def expected(one: LearningInquisitor, design: tuple[int, ...]) -> float:
    return float(one.judge(np.array([design])).quality[0])


def test_an_easier_split_changes_nothing(space: DesignSpace, inquisitor: Build) -> None:
    found = []
    for split, easier in (("confirm", 0.0), ("search", 4.0)):
        one = inquisitor(probing=False)
        one.observe(read(space.prototype_design, "confirm", 90.0), ())
        one.observe(read(small(space), split, 80.0 + easier, accuracy_minus_prototype=-10.0), ())
        found.append(expected(one, small(space)))
    assert found[0] == found[1] == pytest.approx(80.0, abs=2.0)


def test_of_a_network_that_is_read_again_the_last_reading_counts(
    space: DesignSpace, inquisitor: Build, make_truth: Make
) -> None:
    responses = make_truth(0).respond(small(space), 1)
    once, twice = inquisitor(probing=True), inquisitor(probing=True)
    for one in (once, twice):
        one.observe(read(space.prototype_design, "confirm", 90.0), ())
    once.observe(read(small(space), "confirm", 80.0), responses)
    twice.observe(read(small(space), "search", 70.0), responses)
    before = expected(twice, small(space))
    twice.observe(read(small(space), "confirm", 80.0), ())
    assert before < expected(twice, small(space)) - 3
    assert expected(twice, small(space)) == expected(once, small(space))
