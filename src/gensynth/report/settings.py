"""What runs have not in common: their settings, without what chance decides."""

from collections.abc import Sequence
from string import ascii_uppercase

from gensynth.report.run_record import RunRecord

CHANCE = "seed"
LONGEST = 40
"""Characters of a setting beside a figure."""
ALIKE = "the same settings"
"""The setting of runs that differ in nothing but their seeds."""


def settings_of(runs: Sequence[RunRecord]) -> list[str]:
    """Return, run by run, the chosen options and overrides in which the runs differ.

    The run seed is left out: runs that differ in it alone are repetitions.
    """
    asked = [_asked(run) for run in runs]
    keys = dict.fromkeys(key for one in asked for key in one)
    different = [key for key in keys if len({one.get(key) for one in asked}) > 1]
    return [
        ", ".join(f"{key}={one[key]}" for key in different if key in one) or ALIKE for one in asked
    ]


def labels(settings: Sequence[str]) -> dict[str, str]:
    """Return what each setting is called: itself, or a letter where one is too long for a figure.

    >>> labels(["seed=1", "seed=2", "seed=1"])
    {'seed=1': 'seed=1', 'seed=2': 'seed=2'}
    """
    different = list(dict.fromkeys(settings))
    if max(map(len, different), default=0) <= LONGEST:
        return {setting: setting for setting in different}
    return {setting: f"setting {_letters(place)}" for place, setting in enumerate(different)}


def _letters(place: int) -> str:
    """Return A to Z, then AA, AB, ..."""
    more, last = divmod(place, len(ascii_uppercase))
    return (_letters(more - 1) if more else "") + ascii_uppercase[last]


def _asked(run: RunRecord) -> dict[str, str]:
    chosen = {group: option for group, option in run.choices.items() if option is not None}
    parted = (text.lstrip("+~").partition("=") for text in run.overrides)
    written = {key: value for key, _, value in parted}
    return {key: value for key, value in {**written, **chosen}.items() if key != CHANCE}
