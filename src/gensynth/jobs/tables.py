"""The result table of a job, in its folder and read back from there."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gensynth.errors import DataError
from gensynth.jobs.past_run import ADVICE
from gensynth.journal import write_whole
from gensynth.report.result_table import Row, result_table
from gensynth.run_files import RESULT


def write_result(folder: Path, rows: Sequence[Row], columns: Collection[str]) -> None:
    """Write rows and the measurements to show; after each row, so that a failure loses none."""
    table = {"columns": sorted(columns), "rows": [asdict(row) for row in rows]}
    write_whole(folder / RESULT, json.dumps(table, indent=1))


def read_result(folder: Path) -> dict[str, Any]:
    """Return what a job wrote as its result: `columns`, `rows`, and what else it has to say.

    Raises:
        DataError: there is none.
    """
    path = folder / RESULT
    if not path.exists():
        raise DataError(f"{folder} has no result table: if it was stopped, {ADVICE}")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def read_rows(folder: Path) -> tuple[Row, ...]:
    """Return the rows of a job's result table.

    Raises:
        DataError: there is none.
    """
    return tuple(
        Row(**{**one, "intervals": {k: (v[0], v[1]) for k, v in one["intervals"].items()}})
        for one in read_result(folder)["rows"]
    )


def read_table(folder: Path) -> str:
    """Return a job's result table as plain text.

    Raises:
        DataError: there is none.
    """
    return result_table(read_rows(folder), read_result(folder)["columns"])
