"""What came out: a paragraph, the main figures beside the prototype and the control, margins."""

from collections.abc import Iterator

from gensynth.report.document import Plot, Section, Table, Text
from gensynth.report.figures.margins import Margin, margins_figure
from gensynth.report.phrases import amount, difference, requirement, uncertain
from gensynth.report.result_table import Row
from gensynth.report.run_record import RunRecord
from gensynth.report.summary import summary
from gensynth.report.wording import COUNTS, PLUS_MINUS, label
from gensynth.requirements import EXACT, own_margin


def outcome(run: RunRecord) -> Section:
    """Return the first section."""
    blocks: list[Text | Table | Plot] = [Text(summary(run))]
    best = run.row(run.best, "confirm")
    base = run.row("prototype", "confirm")
    if best is not None and base is not None:
        blocks.append(_glance(run, base, best))
        where = "All columns but the last" if run.row(best.name, "test") else "All columns"
        note = (
            f"{where} are of the confirm split, which the search never saw; but the network was "
            f"nominated by it, so that its figures there are a little too good. {PLUS_MINUS} and "
            "brackets are 95 % intervals of one reading."
        )
        blocks.append(Text(note, is_note=True))
    blocks.append(_margins(run))
    return Section("Outcome", tuple(blocks))


def _glance(run: RunRecord, base: Row, best: Row) -> Table:
    control = run.best_control("confirm")
    tested = run.row(best.name, "test")
    head = ["", "prototype", "nominated" if run.nominated else "nearest", "change"]
    head += ["uniform control"] if control else []
    head += ["nominated, test split"] if tested else []
    rows = []
    required = [bound.name for bound in run.bounds]
    for name in dict.fromkeys([run.quality, *required, *measures(run)]):
        if name in base.measurements and name in best.measurements:
            cells = [label(name), uncertain(base, name), uncertain(best, name)]
            cells.append(_change(name, base.measurements[name], best.measurements[name]))
            cells += [uncertain(control, name)] if control else []
            cells += [uncertain(tested, name)] if tested else []
            rows.append(tuple(cells))
    return Table(tuple(head), tuple(rows))


def _change(name: str, old: float, new: float) -> str:
    if name in COUNTS and old == new:
        return "as many"
    if name in COUNTS and new > 0:
        return f"{old / new:.3g} times fewer" if old >= new else f"{new / old:.3g} times as many"
    return difference(name, new - old)


def measures(run: RunRecord) -> list[str]:
    """Return the measurements that figures compare: quality, costs, density, score."""
    names = [run.quality, "parameters", "macs", "information_density", run.score]
    return list(dict.fromkeys(name for name in names if name))


def _margins(run: RunRecord) -> Plot | Text:
    best = run.best
    margins = list(_each_margin(run, best))
    if not run.bounds:
        return Text("Margins: no requirements were set.", is_note=True)
    if not margins:
        return Text("Margins: no network was trained to the end yet.", is_note=True)
    caption = (
        f"By how much {best} meets each requirement. On the confirm split a slack is kept for the "
        "step to the test split; the bar shows what is left beyond it."
    )
    if any(bound.relative for bound in run.bounds):
        caption += " A bound from the prototype's is taken from its figure on the same images."
    return Plot.of("margins", margins_figure(margins), caption)


def _each_margin(run: RunRecord, best: str | None) -> Iterator[Margin]:
    for bound in run.bounds:
        for split in ("confirm",) if bound.name in EXACT else ("confirm", "test"):
            row = run.row(best, split)
            if row is not None and bound.name in row.margins:
                value = row.measurements[bound.name]
                margin = own_margin(bound, run.bounds, value, row.margins[bound.name])
                told = f"{difference(bound.name, margin)}: {amount(bound.name, value)}"
                yield Margin(requirement(bound), split, margin, bound.limit, told)
