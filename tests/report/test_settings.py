"""Settings tell runs apart, chance left aside."""

from collections.abc import Callable
from typing import Any

from gensynth.report.read_run import read_run
from gensynth.report.settings import ALIKE, labels, settings_of


def test_long_settings_get_letters_and_short_ones_keep_their_words() -> None:
    long = [f"{'very long ' * 5}{n}" for n in range(30)]
    called = labels([*long, *long])
    assert list(called) == long
    assert [called[long[n]] for n in (0, 25, 26, 29)] == [
        "setting A",
        "setting Z",
        "setting AA",
        "setting AD",
    ]
    assert labels([]) == {}


def test_seeds_are_repetitions_and_what_differs_is_the_setting(made: Callable[..., Any]) -> None:
    runs = [
        read_run(made(str(n)).begun("cycles=3", *extra, seed=n, inquisitor=name).folder)
        for n, (name, extra) in enumerate(
            [("blind", ()), ("random", ()), ("random", ("macs=1",)), ("random", ())]
        )
    ]
    assert settings_of(runs) == [
        "inquisitor=blind",
        "inquisitor=random",
        "inquisitor=random, macs=1",
        "inquisitor=random",
    ]
    assert settings_of([runs[1], runs[3]]) == [ALIKE, ALIKE]
