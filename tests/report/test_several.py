"""Several runs: means over what there is, failures counted and named."""

from collections.abc import Callable
from typing import Any

import pytest

from gensynth.report.document import Plot, Table, Text
from gensynth.report.page import page
from gensynth.report.read_run import read_run
from gensynth.report.run_record import RunRecord
from gensynth.report.several import of_several


@pytest.fixture
def runs(made: Callable[..., Any]) -> list[RunRecord]:
    found = []
    for seed, (name, accuracy) in enumerate([("blind", 86.0), ("blind", 88.0), ("random", 70.0)]):
        run = made(str(seed)).begun(seed=seed, inquisitor=name).prepared()
        run.finalist("a", accuracy).finalist("uniform b", 85.0, "uniform finalist")
        found.append(read_run(run.concluded(nominated="a" if accuracy > 80 else None).folder))
    return found


def test_settings_are_summed_up(runs: list[RunRecord]) -> None:
    document = of_several(runs, {"3": "refused <because>"}, "a sweep")
    blocks = [block for section in document.sections for block in section.blocks]
    by_setting, by_run = [b for b in blocks if isinstance(b, Table)][:2]
    assert [row[:4] for row in by_setting.rows] == [
        ("inquisitor=blind", "2", "2", "100 %"),
        ("inquisitor=random", "1", "0", "0 %"),
    ]
    assert by_setting.rows[0][4] == "87.00 ± 1.41"  # 86 and 88
    assert by_setting.rows[0][7] == "108.70 ± 0.14"  # 108.6 and 108.8
    assert by_setting.rows[0][8] == "0.20 ± 0.14"  # over 108.5
    assert [row[0] for row in by_run.rows] == ["0", "1", "2"]
    assert by_run.rows[2][-1] == "met nothing"
    told = " ".join(block.text for block in blocks if isinstance(block, Text))
    assert "3 came to a result, and 2 of these nominated" in told
    assert "Job 3 did not begin: refused <because>" in told
    assert any(isinstance(block, Plot) for block in blocks)
    assert "refused &lt;because&gt;" in page(document)


def test_settings_that_are_too_long_for_a_figure_have_a_key(made: Callable[..., Any]) -> None:
    long = [f"training.long_epochs={n},control.candidates=123456789" for n in range(2)]
    runs = [read_run(made(str(n)).begun(word).folder) for n, word in enumerate(long)]
    document = of_several(runs, {}, "two")
    (key,) = [section for section in document.sections if section.heading == "Settings"]
    (table,) = key.blocks
    assert isinstance(table, Table)
    assert list(table.rows) == [("setting A", long[0]), ("setting B", long[1])]


def test_runs_that_reached_nothing_have_a_report_too(made: Callable[..., Any]) -> None:
    runs = [read_run(made(str(n)).begun(seed=n).folder) for n in range(2)]
    text = page(of_several(runs, {}, "two"))
    assert "0 came to a result" in text
    assert "has not finished" in text
