"""The job `report`: of the last run, a named one, several, or a sweep, where it was asked for."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gensynth.run_files import SAVED

Command = Callable[..., Any]


def test_a_real_run_is_reported_where_it_was_asked_for(
    copied: Path, command: Command, tmp_path: Path
) -> None:
    outputs, target = copied.parents[1], tmp_path / "report"
    ended = command(outputs, "report", f"to={target}")
    assert ended.status == 0, ended.err
    page = (target / "report.html").read_text(encoding="utf-8")
    assert copied.name in page
    for figure in ("margins", "comparison", "cost", "networks", "cycles", "generator", "insights"):
        assert list((target / "figures").glob(f"{figure}*.svg")), figure
    assert "not kept" not in page
    assert (target / "report.md").is_file()


def test_without_a_place_it_lies_in_the_jobs_own_folder(copied: Path, command: Command) -> None:
    assert command(copied.parents[1], "report", f"run={copied.name}").status == 0
    (page,) = copied.parents[1].glob("runs/*/report.html")
    assert page.parent != copied


def test_a_sweep_is_compared_and_its_refused_jobs_are_named(
    copied: Path, command: Command, tmp_path: Path
) -> None:
    outputs = copied.parents[1]
    sweep = outputs / "runs" / "sweep"
    for number in ("10", "9"):
        shutil.copytree(copied, sweep / number)
    (sweep / "11").mkdir()
    (sweep / "11" / "failure.txt").write_text("cycles=-1 must be 0 or more\n", encoding="utf-8")
    target = tmp_path / "report"
    for words in (["run=sweep"], ["runs=[sweep]"], [f"runs=[{sweep}/9,{sweep}/10]"]):
        ended = command(outputs, "report", f"to={target}", *words)
        assert ended.status == 0, ended.err
        page = (target / "report.html").read_text(encoding="utf-8")
        assert page.index("Run 9:") < page.index("Run 10:")
        assert ("cycles=-1 must be 0 or more" in page) == ("sweep/" not in words[0])


def test_what_cannot_be_is_one_line(copied: Path, command: Command, tmp_path: Path) -> None:
    outputs = copied.parents[1]
    (tmp_path / "file").write_text("")
    for words, told in (
        (["run=nobody"], "no synthesize run 'nobody'"),
        ([f"to={tmp_path}/file/below"], "cannot be written to"),
        (["to=3"], "to=3 must be text"),
    ):
        ended = command(outputs, "report", *words)
        assert ended.status == 1
        assert told in ended.err
    (copied / SAVED).with_name("result.json").write_text("{")
    assert "result.json is damaged" in command(outputs, "report").err
