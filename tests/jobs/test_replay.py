"""Designs are found again from the states that a run kept, and only from the right ones."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gensynth.diary import Diary, NetworkNote
from gensynth.errors import DataError
from gensynth.generators.latent import LatentGenerator
from gensynth.jobs import places
from gensynth.jobs.descent import Descent, descent
from gensynth.jobs.past_run import PastRun
from gensynth.jobs.replay import Replay
from gensynth.run_files import CYCLES, GENERATOR, INSIGHTS

Command = Callable[..., Any]


@pytest.fixture
def replay(copied: Path, monkeypatch: pytest.MonkeyPatch) -> Replay:
    monkeypatch.setenv(places.OUTPUTS, str(copied.parents[1]))
    return Replay(PastRun.open(copied.name))


@pytest.fixture
def refining(
    copied: Path, command: Command, tiny: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> Replay:
    """Of a run whose pool is so small that refining finds better designs."""
    words = [*tiny, "pool=8", "long_networks=2", "control.long_networks=0"]
    assert command(copied.parents[1], *words).status == 0
    monkeypatch.setenv(places.OUTPUTS, str(copied.parents[1]))
    return Replay(PastRun.open("last"))


def every(replay: Replay) -> list[Descent]:
    """Return the descent of every network of the search."""
    notes = [n for n in Diary(replay.past.folder).notes() if isinstance(n, NetworkNote)]
    names = {
        n.evaluation.candidate.name
        for n in notes
        if n.role in {"candidate", "promoted", "finalist"}
    }
    return [descent(replay.past, name) for name in sorted(names)]


def test_every_network_of_the_search_is_found_again(replay: Replay) -> None:
    found = every(replay)
    ways = {one.way for one in found}
    assert "cycle" in ways
    assert ways & {"pool", "refined"}
    assert all(replay.found_again(one) for one in found)


def test_what_was_chosen_from_the_pool_is_drawn_as_it_was(replay: Replay) -> None:
    drawn = next(replay._pool())
    named = replace(drawn, digest=replay.past.assembly.space.digest(drawn.design))
    one = Descent("x", named, "pool", ())
    assert replay.state(one) == f"{CYCLES}/001/{GENERATOR}"
    assert replay.found_again(one)
    assert not replay.found_again(replace(one, candidate=replace(named, seed=named.seed + 1)))


def test_another_seed_or_another_history_finds_something_else(replay: Replay) -> None:
    for one in every(replay):
        seeds = range(one.candidate.seed + 1, one.candidate.seed + 17)
        others = [replace(one, candidate=replace(one.candidate, seed=seed)) for seed in seeds]
        assert not all(replay.found_again(other) for other in others)  # theta_G may be all but sure


def test_a_refined_design_is_refined_again_and_near_one_that_was_drawn(refining: Replay) -> None:
    space = refining.past.assembly.space
    refined = [one for one in every(refining) if one.way == "refined"]
    assert refined
    for one in refined:
        assert refining.found_again(one)
        near, differing = refining.nearest(one)
        assert differing
        changed = space.canonical(np.array([near.design]))[0]
        own = space.canonical(np.array([one.candidate.design]))[0]
        changed[differing] = own[differing]
        assert space.digest(changed) == one.candidate.digest


def test_shares_are_the_generator_s_probabilities(replay: Replay) -> None:
    later = next(one for one in every(replay) if one.way == "cycle" and one.candidate.cycle == 1)
    seeds = 2000
    steps = replay.steps(later, seeds)
    assert [step.after for step in steps] == ["", "cycle 0"]
    assert not steps[0].insights
    names = {choice.name for choice in replay.past.assembly.space.choices}
    assert {insight.choice for insight in steps[1].insights} <= names
    for step, state in zip(steps, ["", f"{CYCLES}/000/{GENERATOR}"], strict=True):
        generator = replay.generator(state)
        assert isinstance(generator, LatentGenerator)
        exact = list(generator.probabilities().values())
        for shares, probabilities in zip(step.shares, exact, strict=True):
            error = np.sqrt(probabilities * (1 - probabilities) / seeds)
            assert (abs(shares - probabilities) <= 5 * error + 1e-12).all()


def test_the_settled_generator_is_one_step_further(replay: Replay) -> None:
    candidate = every(replay)[0].candidate
    generated = Descent("drawn", replace(candidate, cycle=-1), "generated", ())
    steps = replay.steps(generated, 10)
    assert [step.after for step in steps] == ["", "cycle 0", "cycle 1", "settling"]
    design = replay.generator(GENERATOR).generate([candidate.seed])[0]
    digest = replay.past.assembly.space.digest(design)
    own = replace(candidate, cycle=-1, design=tuple(design.tolist()), digest=digest)
    assert replay.found_again(replace(generated, candidate=own))


def test_a_missing_state_is_named(replay: Replay) -> None:
    later = next(one for one in every(replay) if one.way == "cycle" and one.candidate.cycle == 1)
    (replay.past.folder / CYCLES / "000" / INSIGHTS).unlink()
    with pytest.raises(DataError, match=r"000.insights.json is missing"):
        replay.steps(later, 10)
    (replay.past.folder / CYCLES / "000" / GENERATOR).unlink()
    with pytest.raises(DataError, match=r"000.generator.json is missing"):
        replay.found_again(later)
