"""A result table survives the way into its file and back."""

from pathlib import Path

import pytest

from gensynth.errors import DataError
from gensynth.jobs.tables import read_result, read_rows, read_table, write_result
from gensynth.report.result_table import Row, result_table

ROWS = (
    Row("a", "confirm", {"accuracy": 90.0, "macs": 3.0}, {"accuracy": 1.0}, {"accuracy": -2.0}),
    Row("b", "expected", {"accuracy": 80.0}, {}, {}, "*", {"accuracy": (70.0, 90.0)}),
)


def test_rows_and_columns_survive(tmp_path: Path) -> None:
    write_result(tmp_path, ROWS, {"accuracy"})
    assert read_rows(tmp_path) == ROWS
    assert read_result(tmp_path)["columns"] == ["accuracy"]
    assert read_table(tmp_path) == result_table(ROWS, ["accuracy"])
    assert "macs" not in read_table(tmp_path)


def test_a_missing_table_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has no result table"):
        read_rows(tmp_path)
