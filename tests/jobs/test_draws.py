"""Drawing until enough is found: in order, without doubles, bounded, and only what is likely."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from gensynth.errors import ConfigurationError
from gensynth.generators.generator import Designs
from gensynth.generators.seeding import seed_of
from gensynth.jobs import draws as module
from gensynth.jobs import places
from gensynth.jobs.draws import DRAWN, Draws
from gensynth.jobs.past_run import PastRun


@pytest.fixture
def draws(finished: Path, monkeypatch: pytest.MonkeyPatch) -> Draws:
    monkeypatch.setenv(places.OUTPUTS, str(finished.parents[1]))
    past = PastRun.open(finished.name)
    space = past.assembly.space
    return Draws(space, past.generator(), past.allowed, past.inquisitor(), 0.0)


def test_what_is_found_is_what_its_seed_gives_and_is_judged_so(draws: Draws) -> None:
    found = draws.find(5, 100, seed=3)
    assert len({one.candidate.digest for one in found}) == 5
    for one in found:
        assert one.candidate.seed == seed_of(3, DRAWN, one.candidate.index)
        design = draws.generator.generate([one.candidate.seed])
        assert tuple(design[0].tolist()) == one.candidate.design
        assert draws.space.digest(design[0]) == one.candidate.digest
        judged = draws.inquisitor.judge(design)
        assert one.quality == pytest.approx(judged.quality[0])
        assert one.probability == pytest.approx(judged.probability[0])


def test_more_networks_continue_the_same_order(
    draws: Draws, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = draws.find(8, 200, seed=3)
    monkeypatch.setattr(module, "AT_ONCE", 7)
    fewer = [one.candidate for one in draws.find(3, 200, seed=3)]
    assert fewer == [one.candidate for one in more[:3]]
    assert [one.candidate.index for one in more] == sorted(one.candidate.index for one in more)


def test_only_what_is_likely_and_allowed_counts(draws: Draws) -> None:
    every = draws.find(30, 1000, seed=3)
    middle = float(np.median([one.probability for one in every]))
    likely = dataclasses.replace(draws, least_probability=middle)
    chosen = likely.find(5, 1000, seed=3)
    expected = [one.candidate for one in every if one.probability >= middle]
    assert [one.candidate for one in chosen] == expected[:5]

    def small(designs: Designs) -> np.ndarray:
        return np.asarray(draws.space.costs(designs).parameters <= 1000)

    small_ones = dataclasses.replace(draws, allowed=small).find(3, 1000, seed=3)
    assert all(draws.space.apply(one.candidate.design).parameters <= 1000 for one in small_ones)


def test_the_search_is_bounded_and_says_what_it_saw(draws: Draws) -> None:
    with pytest.raises(ConfigurationError, match=r"networks=10: 9 seeds gave \d different.*raise"):
        draws.find(10, 9, seed=3)

    def none(designs: Designs) -> np.ndarray:
        return np.zeros(len(designs), dtype=np.bool_)

    with pytest.raises(ConfigurationError, match="0 designs met the requirements on exact costs"):
        dataclasses.replace(draws, allowed=none).find(1, 9, seed=3)
