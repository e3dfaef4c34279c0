"""The control: it never changes the generator, and learning has to beat it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gensynth.design.space import DesignSpace
from gensynth.generators.factorised import FactorisedGenerator
from gensynth.generators.seeding import seed_of
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.inquisitors.learning import LearningInquisitor
from gensynth.inquisitors.prior import Prior
from gensynth.inquisitors.random import RandomInquisitor
from gensynth.performance.net_score import NetScore
from gensynth.requirements import Requirements, ResolvedRequirements

CYCLES, CANDIDATES, POOL = 6, 4, 512
FLOOR = 87.0
SCORE = NetScore(quality="accuracy", alpha=2.0, beta=0.5, gamma=0.5)
PRIOR = Prior(
    halving_cost_logits=0.15, prototype_epochs=8, short_epochs=2, long_epochs=8, inherit=False
)

Make = Callable[[int], Any]


@pytest.fixture
def control(space: DesignSpace, requirements: ResolvedRequirements) -> RandomInquisitor:
    return RandomInquisitor(space, requirements, SCORE, quality="accuracy", prior=PRIOR)


def generator(space: DesignSpace) -> FactorisedGenerator:
    return FactorisedGenerator(
        space,
        samples=256,
        steps=6,
        elite_fraction=0.3,
        trust_region_nats_per_choice=0.2,
        floor=0.03,
        variety=0.0,
    )


def best_passing_score(
    space: DesignSpace, truth: Any, inquisitor: Inquisitor, run_seed: int
) -> float:
    """Run the cycles; return the best true NetScore among finalists that truly pass, else 0."""
    own = space.prototype_design
    inquisitor.observe(truth.evaluate(own, "long", 10**6), truth.respond(own, 10**6))
    theta = generator(space)
    for cycle in range(CYCLES):
        designs = theta.generate([seed_of(run_seed, cycle, i) for i in range(CANDIDATES)])
        for index, row in enumerate(designs.tolist()):
            number = cycle * CANDIDATES + index
            inquisitor.observe(
                truth.evaluate(tuple(row), "short", number), truth.respond(tuple(row), number)
            )
            if not index:  # as a synthesis does: what a long training adds is learned from some
                inquisitor.observe(truth.evaluate(tuple(row), "long", number), ())
        rng = np.random.default_rng([run_seed, cycle])
        change = inquisitor.propose(theta, rng)
        if change is not None:
            theta.apply(change)
    drawn = theta.generate([seed_of(run_seed, CYCLES, i) for i in range(POOL)])
    judged = inquisitor.judge(drawn)
    gain = judged.utility - inquisitor.judge(np.array([own])).utility
    finalists = drawn[np.argsort(-judged.probability * gain)[:CANDIDATES]]
    quality = 100 / (1 + np.exp(-truth.logits(finalists, short=False)))
    costs = space.costs(finalists)
    measured = {
        "accuracy": quality,
        "parameters": costs.parameters.astype(np.float64),
        "macs": costs.macs.astype(np.float64),
    }
    return float(np.where(quality >= FLOOR, SCORE.score(measured), 0.0).max())


def test_it_judges_but_never_changes_the_generator(
    space: DesignSpace, control: RandomInquisitor
) -> None:
    theta = generator(space)
    assert control.propose(theta, np.random.default_rng(0)) is None
    assert control.probes == {}
    assert control.judge(np.array([space.prototype_design])).quality.shape == (1,)


def test_it_judges_as_a_blind_inquisitor_does(
    space: DesignSpace, control: RandomInquisitor, inquisitor: Callable[..., Any], make_truth: Make
) -> None:
    truth, blind = make_truth(0), inquisitor()
    designs = np.random.default_rng(0).integers(
        0, space.options_per_choice, (5, len(space.choices))
    )
    for i, row in enumerate(designs):
        design = tuple(int(option) for option in row)
        for one in (control, blind):
            one.observe(truth.evaluate(design, "short", i), truth.respond(design, i))
    np.testing.assert_array_equal(control.judge(designs).quality, blind.judge(designs).quality)
    assert control.insights() == blind.insights()
    assert control.state_dict() == {**blind.state_dict(), "kind": "random"}


def test_learning_beats_it_with_as_many_networks(
    space: DesignSpace, inquisitor: Callable[..., LearningInquisitor], make_truth: Make
) -> None:
    wanted = Requirements({"accuracy": {"at_least": FLOOR}}).resolve({})
    found = []
    for seed in range(5):
        truth = make_truth(seed)
        learning = inquisitor(wanted, probing=True)
        control = RandomInquisitor(space, wanted, SCORE, quality="accuracy", prior=PRIOR)
        found.append([best_passing_score(space, truth, one, seed) for one in (control, learning)])
    random, learned = np.mean(found, 0)
    assert learned > random + 2
