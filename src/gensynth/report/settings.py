"""What runs have not in common: their settings, without what chance decides."""

from collections.abc import Sequence

from gensynth.report.run_record import RunRecord

CHANCE = "seed"
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


def _asked(run: RunRecord) -> dict[str, str]:
    chosen = {group: option for group, option in run.choices.items() if option is not None}
    parted = (text.lstrip("+~").partition("=") for text in run.overrides)
    written = {key: value for key, _, value in parted}
    return {key: value for key, value in {**chosen, **written}.items() if key != CHANCE}
