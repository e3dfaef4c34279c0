"""Several runs beside each other: one by one, and by setting."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from gensynth.report.document import Block, Plot, Section, Table, Text
from gensynth.report.figures.by_setting import Scores, by_setting
from gensynth.report.phrases import uncertain
from gensynth.report.run_record import RunRecord
from gensynth.report.wording import MINUS, PLUS_MINUS, count, figure_of, label, plain, signed

Reading = Callable[[RunRecord], float | None]


@final
@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over runs.

    Args:
        values: one per run that has it.
    """

    values: tuple[float, ...]

    @classmethod
    def of(cls, runs: Sequence[RunRecord], reading: Reading) -> "Spread":
        """Read every run; those without the figure are left out."""
        return cls(tuple(value for run in runs if (value := reading(run)) is not None))

    def text(self, form: Callable[[float], str]) -> str:
        """Return mean and standard deviation, or what there is of them."""
        if not self.values:
            return "-"
        mean = form(statistics.fmean(self.values))
        if len(self.values) < 2:
            return mean
        return f"{mean} {PLUS_MINUS} {form(statistics.stdev(self.values))}"


def measured(run: RunRecord, name: str, split: str = "confirm") -> float | None:
    """Return a measurement of a run's nominated network, if there is one."""
    row = run.row(run.nominated, split) if run.nominated else None
    return row.measurements.get(name) if row else None


def gain(run: RunRecord) -> float | None:
    """Return the nominated network's score less that of the control's best."""
    control, own = run.best_control("confirm"), measured(run, run.score)
    return own - control.measurements[run.score] if control and own is not None else None


def grouped(runs: Sequence[RunRecord], settings: Sequence[str]) -> dict[str, list[RunRecord]]:
    """Return the runs by setting, in order."""
    groups: dict[str, list[RunRecord]] = {}
    for run, setting in zip(runs, settings, strict=True):
        groups.setdefault(setting, []).append(run)
    return groups


def settings_section(runs: Sequence[RunRecord], settings: Sequence[str]) -> Section:
    """Return the section that sums runs up by setting."""
    groups = grouped(runs, settings)
    measures = dict.fromkeys((run.quality, run.score) for run in runs)
    blocks = [_figure(groups, score) for score in dict.fromkeys(score for _, score in measures)]
    blocks += [_table(groups, quality, score) for quality, score in measures]
    note = (
        f"Mean {PLUS_MINUS} standard deviation over the n runs that nominated a network; feasible "
        "are those runs among all that came to a result. Confirm split, unless the test split is "
        "named."
    )
    return Section("By setting", (*blocks, Text(note, is_note=True)))


def _figure(groups: Mapping[str, Sequence[RunRecord]], score: str) -> Block:
    shown = [_scores(setting, runs, score) for setting, runs in groups.items()]
    if not any(one.scores or one.controls for one in shown):
        return Text("Scores by setting: no run nominated a network.", is_note=True)
    caption = f"{plain(score)} of every run's nominated network and of its control, by setting."
    return Plot.of(f"by_setting_{score}", by_setting(shown, score), caption)


def _scores(setting: str, runs: Sequence[RunRecord], score: str) -> Scores:
    alike = [run for run in runs if run.score == score]
    controls = [run.best_control("confirm") for run in alike]
    return Scores(
        setting=setting,
        scores=Spread.of(alike, lambda run: measured(run, score)).values,
        controls=tuple(row.measurements[score] for row in controls if row),
        failed=sum(run.finished and run.nominated is None for run in alike),
    )


def _table(groups: Mapping[str, Sequence[RunRecord]], quality: str, score: str) -> Table:
    head = ("setting", "runs", "n", "feasible", label(quality), "parameters", "MACs", label(score),
            "gain over control", f"{label(quality)}, test split")  # fmt: skip
    rows = []
    for setting, every in groups.items():
        runs = [run for run in every if (run.quality, run.score) == (quality, score)]
        finished = [run for run in runs if run.finished]
        feasible = sum(run.nominated is not None for run in finished)
        share = f"{100 * feasible / len(finished):.0f} %" if finished else "-"
        if runs:
            rows.append(
                (
                    setting,
                    str(len(runs)),
                    str(feasible),
                    share,
                    Spread.of(runs, lambda run: measured(run, quality)).text(two_decimals),
                    Spread.of(runs, lambda run: measured(run, "parameters")).text(count),
                    Spread.of(runs, lambda run: measured(run, "macs")).text(count),
                    Spread.of(runs, lambda run: measured(run, score)).text(two_decimals),
                    Spread.of(runs, gain).text(two_decimals),
                    Spread.of(runs, lambda run: measured(run, quality, "test")).text(two_decimals),
                )
            )
    return Table(head, tuple(rows))


def two_decimals(value: float) -> str:
    """Return a number as means and deviations are written."""
    return f"{value:,.2f}".replace("-", MINUS)


def runs_section(runs: Sequence[RunRecord], settings: Sequence[str]) -> Section:
    """Return the section with one row per run."""
    head = ("run", "setting", "seed", "nominated", "quality (%)", "parameters", "MACs", "score",
            "against prototype", "against control", "quality, test split", "remark")  # fmt: skip
    rows = tuple(_run(run, setting) for run, setting in zip(runs, settings, strict=True))
    return Section("Run by run", (Table(head, rows),))


def _run(run: RunRecord, setting: str) -> tuple[str, ...]:
    row = run.row(run.nominated, "confirm") if run.nominated else None
    first = (run.name, setting, str(run.seed))
    if row is None:
        remark = run.failure or ("met nothing" if run.finished else "has not finished")
        return (*first, "-", *["-"] * 7, remark)
    base, tested = run.row("prototype", "confirm"), run.row(run.nominated, "test")
    against = row.measurements[run.score] - base.measurements[run.score] if base else None
    over = gain(run)
    return (
        *first,
        row.name,
        uncertain(row, run.quality),
        figure_of("parameters", row.measurements["parameters"]),
        figure_of("macs", row.measurements["macs"]),
        uncertain(row, run.score),
        signed(against) if against is not None else "-",
        signed(over) if over is not None else "-",
        uncertain(tested, run.quality) if tested else "-",
        run.failure,
    )
