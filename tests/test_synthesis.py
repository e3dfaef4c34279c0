"""The loop against a made-up world in which the quality of every design is known."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np
import pytest
from numpy.typing import NDArray

from gensynth.design.space import DesignSpace, derive
from gensynth.errors import GensynthError
from gensynth.evaluation import Job
from gensynth.generators.factorised import FactorisedGenerator
from gensynth.generators.generator import Designs
from gensynth.inquisitors.inquisitor import Inquisitor
from gensynth.inquisitors.learning import LearningInquisitor
from gensynth.inquisitors.prior import Prior
from gensynth.inquisitors.random import RandomInquisitor
from gensynth.performance.net_score import NetScore
from gensynth.prototypes.resnet import resnet
from gensynth.records import Candidate, Evaluation, Fidelity
from gensynth.requirements import Requirements
from gensynth.synthesis import HOPELESS, CycleReport, Observers, Synthesis

SCORE = NetScore(quality="accuracy", alpha=2.0, beta=0.5, gamma=0.5)
LEAST = 78.0


@final
@dataclass
class World:
    """Trains nothing: quality falls with halved costs and with what each choice loses.

    Args:
        space: the designs.
        fails: which jobs fail.
        backwards: finish jobs in reverse order.
    """

    space: DesignSpace
    fails: Callable[[Candidate], bool] = lambda candidate: False
    backwards: bool = False
    asked: list[Job] = field(default_factory=list)

    def __call__(self, jobs: Sequence[Job]) -> Iterator[Evaluation]:
        self.asked += jobs
        for job in reversed(jobs) if self.backwards else jobs:
            yield self.evaluate(job.candidate, job.fidelity)

    def evaluate(self, candidate: Candidate, fidelity: Fidelity) -> Evaluation:
        name = f"{fidelity}-{candidate.digest}"
        if self.fails(candidate):
            return Evaluation(candidate, name, fidelity, "search", "failed", "no memory")
        measured = self.measurements(np.array([candidate.design]))
        values = {key: float(value[0]) for key, value in measured.items()}
        errors = {"accuracy": 0.5}
        return Evaluation(candidate, name, fidelity, "search", "completed", "", values, errors)

    def measurements(self, designs: Designs) -> dict[str, NDArray[np.float64]]:
        costs = self.space.costs(designs)
        own = self.space.costs(np.array([self.space.prototype_design]))
        halvings = np.log2(own.parameters / costs.parameters) + np.log2(own.macs / costs.macs)
        importance = np.random.default_rng(5).exponential(0.15, designs.shape[1])
        most = self.space.options_per_choice - 1
        lost = (importance * (most - designs) / most).sum(1)
        accuracy = 100 / (1 + np.exp(-(2.6 - 0.05 * halvings - lost)))
        measured = {
            "accuracy": np.asarray(accuracy),
            "parameters": costs.parameters.astype(np.float64),
            "macs": costs.macs.astype(np.float64),
        }
        return {**measured, "net_score": np.asarray(SCORE.score({**measured}))}


@pytest.fixture(scope="module")
def tiny() -> DesignSpace:
    """A few dozen designs."""
    return derive(
        resnet((1, 8, 8), 10, depth=8, widths=(8, 8, 8)),
        width_ratios=[0.5, 1.0],
        width_multiple=4,
        operations=[],
        kernels=[],
        keep=False,
        downsampling=False,
        frozen=[],
    )


@pytest.fixture(scope="module")
def space() -> DesignSpace:
    return derive(
        resnet((3, 32, 32), 10, depth=14, widths=(16, 32, 64)),
        width_ratios=[0.25, 0.5, 0.75, 1.0],
        width_multiple=4,
        operations=["separable"],
        kernels=[],
        keep=True,
        downsampling=True,
        frozen=[],
    )


def inquisitor(kind: Any, space: DesignSpace) -> Inquisitor:
    wanted = Requirements({"accuracy": {"at_least": LEAST}}).resolve({})
    settings: dict[str, Any] = {} if kind is RandomInquisitor else {"probes": {}}
    prior = Prior(
        halving_cost_logits=0.15, prototype_epochs=4, short_epochs=2, long_epochs=4, inherit=False
    )
    made: Inquisitor = kind(space, wanted, SCORE, quality="accuracy", prior=prior, **settings)
    prototype = Candidate(-1, 0, 0, space.prototype_design, "prototype")
    made.observe(World(space).evaluate(prototype, "long"), ())
    return made


def synthesis(
    world: World, kind: Any = LearningInquisitor, *, variety: float = 0.0, **changes: Any
) -> Synthesis:
    space = world.space
    generator = FactorisedGenerator(
        space,
        samples=128,
        steps=4,
        elite_fraction=0.3,
        trust_region_nats_per_choice=0.2,
        floor=0.03,
        variety=variety,
    )
    settings: dict[str, Any] = {
        "space": space,
        "generator": generator,
        "inquisitor": inquisitor(kind, space),
        "evaluate": world,
        "allowed": lambda designs: np.ones(len(designs), dtype=np.bool_),
        "observer": lambda report: None,
        "seed": 0,
        "candidates": 4,
        "attempts": 32,
        "promote": lambda evaluations: [],
        "promote_every": 1,
    }
    return Synthesis(**(settings | changes))


def gain(world: World, designs: Designs) -> NDArray[np.float64]:
    """Return by how much designs that meet the requirement beat the prototype; others gain 0."""
    measured = world.measurements(designs)
    own = world.measurements(np.array([world.space.prototype_design]))
    return np.where(measured["accuracy"] >= LEAST, measured["net_score"] - own["net_score"], 0.0)


def test_it_learns_and_finds_better_designs_than_a_loop_that_does_not(space: DesignSpace) -> None:
    world = World(space)
    best: dict[type, list[float]] = {RandomInquisitor: [], LearningInquisitor: []}
    drawn: dict[type, list[float]] = {RandomInquisitor: [], LearningInquisitor: []}
    for kind in best:
        for seed in range(3):
            loop = synthesis(world, kind, seed=seed, candidates=6)
            found = loop.run(6)
            loop.settle(6)
            best[kind].append(gain(world, np.array([e.candidate.design for e in found])).max())
            drawn[kind].append(gain(world, loop.generator.generate(range(2000))).mean())
    assert len(set(drawn[RandomInquisitor])) == 1
    assert np.mean(drawn[LearningInquisitor]) > 2 * drawn[RandomInquisitor][0]
    assert np.mean(best[LearningInquisitor]) > np.mean(best[RandomInquisitor]) + 3


def test_a_settled_generator_draws_what_meets_the_requirements(space: DesignSpace) -> None:
    world = World(space)
    before, after = [], []
    for seed in range(3):
        loop = synthesis(world, seed=seed, candidates=6)
        loop.run(6)
        before.append(share_that_passes(loop))
        loop.settle(6)
        after.append(share_that_passes(loop))
    assert np.mean(after) > 0.9
    assert np.mean(after) > np.mean(before) + 0.1


def test_seeds_of_a_settled_generator_differ_as_much_as_is_asked_for(space: DesignSpace) -> None:
    differences = []
    for variety in (0.0, 0.4):
        loop = synthesis(World(space), seed=0, candidates=6, variety=variety)
        loop.run(6)
        loop.settle(6)
        assert share_that_passes(loop) > 0.8
        first, second = np.split(space.canonical(loop.generator.generate(range(400))), 2)
        either = space.active(first) | space.active(second)
        differences.append((((first != second) & either).sum(1) / either.sum(1)).mean())
    assert differences[1] > 0.37 > differences[0]


def test_a_settled_generator_is_left_as_it_is(space: DesignSpace) -> None:
    loop = synthesis(World(space), seed=0, candidates=6)
    loop.run(6)
    loop.settle(6)
    before = loop.generator.state_dict()
    loop.settle(6)
    assert loop.generator.state_dict() == before


def test_a_generator_that_is_left_alone_does_not_settle(space: DesignSpace) -> None:
    loop = synthesis(World(space), RandomInquisitor)
    before = loop.generator.state_dict()
    loop.settle(3)
    assert loop.generator.state_dict() == before


def share_that_passes(loop: Synthesis) -> float:
    designs = loop.generator.generate(range(1000))
    return float((World(loop.space).measurements(designs)["accuracy"] >= LEAST).mean())


def test_the_order_of_completion_changes_nothing(space: DesignSpace) -> None:
    one, other = (synthesis(World(space, backwards=flag)) for flag in (False, True))
    assert one.run(3) == other.run(3)
    assert one.generator.state_dict() == other.generator.state_dict()
    assert one.inquisitor.state_dict() == other.inquisitor.state_dict()


def test_the_run_seed_decides_the_candidates(space: DesignSpace) -> None:
    first, again, other = (synthesis(World(space), seed=seed).run(2) for seed in (0, 0, 1))
    assert first == again
    assert {e.candidate.digest for e in first}.isdisjoint(e.candidate.digest for e in other)


def test_no_graph_is_evaluated_twice(space: DesignSpace) -> None:
    world = World(space)
    synthesis(world).run(8)
    counts = Counter(job.candidate.digest for job in world.asked)
    assert len(counts) == 32
    assert set(counts.values()) == {1}
    for job in world.asked:
        assert job.candidate.digest == space.digest(job.candidate.design)


def test_only_what_exact_costs_allow_is_evaluated(space: DesignSpace) -> None:
    world = World(space)

    def small(designs: Designs) -> NDArray[np.bool_]:
        return np.asarray(space.costs(designs).macs < 8e6)

    synthesis(world, allowed=small).run(3)
    assert len(world.asked) == 12
    assert small(np.array([job.candidate.design for job in world.asked])).all()


def test_an_exhausted_space_ends_the_run_and_says_so(
    tiny: DesignSpace, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        found = synthesis(World(tiny), RandomInquisitor, attempts=600).run(50)
    assert {e.candidate.design for e in found} == set(np.ndindex(*tiny.options_per_choice))
    assert len(found) == tiny.size < 200
    assert "600 seeds gave no new design" in caplog.text


def test_failures_are_recorded_and_the_run_goes_on(space: DesignSpace) -> None:
    reports: list[CycleReport] = []
    world = World(space, fails=lambda candidate: candidate.index % 2 == 0)
    found = synthesis(world, observer=reports.append).run(4)
    assert [e.status for e in found] == ["failed", "completed"] * 8
    assert [report.cycle for report in reports] == [0, 1, 2, 3]
    assert [e for report in reports for e in report.evaluations] == list(found)


def test_it_gives_up_when_everything_fails_and_says_why(space: DesignSpace) -> None:
    world = World(space, fails=lambda candidate: True)
    with pytest.raises(GensynthError, match=f"all {HOPELESS} candidates failed.*no memory"):
        synthesis(world, candidates=2).run(9)
    assert len(world.asked) == HOPELESS


def test_one_success_is_enough_to_go_on(space: DesignSpace) -> None:
    world = World(space, fails=lambda c: (c.cycle, c.index) != (0, 0))
    assert len(synthesis(world).run(5)) == 20


def test_every_observer_hears_of_every_cycle(space: DesignSpace) -> None:
    heard: list[tuple[str, int]] = []
    both = Observers(
        (lambda report: heard.append(("a", report.cycle)),
         lambda report: heard.append(("b", report.cycle)))
    )  # fmt: skip
    synthesis(World(space), observer=both).run(2)
    assert heard == [("a", 0), ("b", 0), ("a", 1), ("b", 1)]


def test_a_report_says_what_is_expected_of_its_candidates_after_observing(
    space: DesignSpace,
) -> None:
    reports: list[CycleReport] = []
    loop = synthesis(World(space), observer=reports.append)
    loop.run(1)
    (report,) = reports
    designs = np.array([e.candidate.design for e in report.evaluations])
    np.testing.assert_array_equal(report.judgement.utility, loop.inquisitor.judge(designs).utility)
    assert report.change is not None
    assert report.change.divergence_nats <= 4.0 + 1e-6


def test_promoted_candidates_are_trained_long_and_observed_before_the_generator_changes(
    space: DesignSpace,
) -> None:
    seen: list[int] = []

    def latest(evaluations: Sequence[Evaluation]) -> list[Candidate]:
        seen.append(len(evaluations))
        return [evaluations[-1].candidate, evaluations[-2].candidate]

    def observed(kind: str) -> list[str]:
        keys: list[str] = loop.inquisitor.state_dict()["observations"]
        return [key for key in keys if key.startswith(kind) and not key.endswith("prototype")]

    counts: list[int] = []  # when the generator has just been changed
    loop = synthesis(
        World(space, backwards=True),
        candidates=3,
        promote=latest,
        observer=lambda report: counts.append(len(observed("long"))),
    )
    done = loop.run(2)
    assert counts == [2, 4]
    assert seen == [3, 3 + 2 + 3]  # all that was evaluated before, and this cycle
    promoted = [e for e in done if e.fidelity == "long"]
    assert [(e.candidate.cycle, e.candidate.index) for e in promoted] == [
        (0, 2), (0, 1), (1, 2), (1, 1),
    ]  # fmt: skip
    assert observed("long") == [e.key for e in promoted]


def test_promotions_come_every_so_many_cycles_from_the_first_on(space: DesignSpace) -> None:
    loop = synthesis(
        World(space), candidates=2, promote=lambda done: [done[-1].candidate], promote_every=2
    )
    done = loop.run(4)
    assert [e.candidate.cycle for e in done if e.fidelity == "long"] == [0, 2]
