"""The result table in full."""

from gensynth.report.document import Section, Table, Text
from gensynth.report.phrases import difference, uncertain
from gensynth.report.result_table import Row
from gensynth.report.run_record import RunRecord
from gensynth.report.wording import label, plain


def results(run: RunRecord) -> Section:
    """Return every row of result.json."""
    if not run.rows:
        text = "The run has not come to a result table."
        return Section("All results", (Text(text, is_note=True),))
    every = dict.fromkeys(name for row in run.rows for name in row.measurements)
    names = [name for name in every if not run.columns or name in run.columns]
    head = ("network", "split", *(label(name) for name in names), "requirement margins")
    rows = tuple(
        (row.name, row.split, *(uncertain(row, name) for name in names), _margins(row))
        for row in run.rows
    )
    strong = frozenset(place for place, row in enumerate(run.rows) if row.mark)
    note = (
        "In bold the nominated network. Margins on the confirm split are what is left beyond the "
        "slack for the step to the test split; those on the test split keep none."
    )
    return Section("All results", (Table(head, rows, strong), Text(note, is_note=True)))


def _margins(row: Row) -> str:
    told = [f"{plain(name)} {difference(name, margin)}" for name, margin in row.margins.items()]
    return ", ".join(told) or "-"
