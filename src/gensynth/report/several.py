"""The report of several runs, such as a sweep's."""

from collections.abc import Iterator, Mapping, Sequence

from gensynth.report.document import Block, Document, Listing, Plot, Section, Table, Text
from gensynth.report.figures.tradeoff import Spot, tradeoff
from gensynth.report.run_record import RunRecord
from gensynth.report.sections.comparison import kind_of
from gensynth.report.sections.reproduction import commands, environment
from gensynth.report.sections.runs import (
    Spread,
    gain,
    grouped,
    measured,
    runs_section,
    settings_section,
    two_decimals,
)
from gensynth.report.settings import labels, settings_of
from gensynth.report.summary import summary
from gensynth.report.wording import plain

MOST_SETTINGS = 4
"""Settings that the first paragraph tells of one by one."""


def of_several(runs: Sequence[RunRecord], refused: Mapping[str, str], name: str) -> Document:
    """Return a report that compares runs.

    Args:
        runs: two or more, or those of a sweep.
        refused: jobs that were refused before they began, with the reason.
        name: what they are called together.
    """
    in_full = settings_of(runs)
    called = labels(in_full)
    settings = [called[setting] for setting in in_full]
    sections = [
        _outcome(runs, settings, refused),
        *_key(called),
        settings_section(runs, settings),
        runs_section(runs, settings),
        _cost(runs),
        *(_one(run, setting) for run, setting in zip(runs, settings, strict=True)),
        _environment(runs),
    ]
    subtitle = f"{len(runs)} runs of {name}"
    return Document("Report of several generative syntheses", subtitle, tuple(sections))


def _key(called: Mapping[str, str]) -> Iterator[Section]:
    if any(setting != label for setting, label in called.items()):
        rows = tuple((label, setting) for setting, label in called.items())
        yield Section("Settings", (Table(("setting", "options and overrides that differ"), rows),))


def _outcome(
    runs: Sequence[RunRecord], settings: Sequence[str], refused: Mapping[str, str]
) -> Section:
    finished = [run for run in runs if run.finished]
    feasible = [run for run in finished if run.nominated is not None]
    different = len(grouped(runs, settings))
    told = (
        f"{len(runs)} runs with {different} setting{'s' if different > 1 else ''}, seeds left "
        f"aside: {len(finished)} came to a result, and {len(feasible)} of these nominated a "
        "network that meets the requirements."
    )
    by_setting = [
        _of_setting(setting, [run for run in alike if run.nominated is not None])
        for setting, alike in grouped(runs, settings).items()
    ]
    if different > MOST_SETTINGS:
        by_setting = ["What each setting reached is in the table below."]
    notes = [
        Text(f"Job {job} did not begin: {line}", is_note=True) for job, line in refused.items()
    ]
    return Section("Outcome", (Text(" ".join([told, *by_setting])), *notes))


def _of_setting(setting: str, runs: Sequence[RunRecord]) -> str:
    if not runs:
        return f"With {setting} none did."
    score = runs[0].score
    spread, over = Spread.of(runs, lambda run: measured(run, score)), Spread.of(runs, gain)
    deviation = ", mean and standard deviation" if len(spread.values) > 1 else ""
    told = (
        f"With {setting}, {plain(score)} on the confirm split is {spread.text(two_decimals)} "
        f"(n = {len(spread.values)}{deviation})"
    )
    if not over.values:
        return f"{told}, without a control to compare with."
    ahead = sum(value > 0 for value in over.values)
    return (
        f"{told}, and the gain over the same run's uniform control {over.text(two_decimals)}, with "
        f"{ahead} of {len(over.values)} ahead."
    )


def _cost(runs: Sequence[RunRecord]) -> Section:
    blocks: list[Block] = []
    for quality in dict.fromkeys(run.quality for run in runs):
        alike = [run for run in runs if run.quality == quality]
        spots = [
            Spot(kind_of(run, row), row.name, row.measurements[quality], row.measurements)
            for run in alike
            for row in run.of_split("confirm")
        ]
        if spots:
            figure = tradeoff(spots, quality, {})
            caption = "Every network of every run that was read on the confirm split."
            blocks.append(Plot.of(f"cost_{quality}", figure, caption))
    missing = Text("No network was trained to the end.", is_note=True)
    return Section("Quality against cost", tuple(blocks) or (missing,))


def _one(run: RunRecord, setting: str) -> Section:
    return Section(
        f"Run {run.name}: {setting}",
        (Text(summary(run, alone=False)), Listing(commands(run, alone=False))),
    )


def _environment(runs: Sequence[RunRecord]) -> Section:
    different = len({str(run.environment) for run in runs}) > 1
    blocks: list[Block] = []
    if different:
        text = "The runs were made in different environments; this is the first one's."
        blocks.append(Text(text, is_note=True))
    return Section("Environment", (*blocks, environment(runs[0])))
