"""The report of one run: whole, small, and about nothing outside."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gensynth.report.markdown import markdown
from gensynth.report.page import page
from gensynth.report.read_run import read_run
from gensynth.report.single import of_one

LARGEST = 3_000_000


def test_page_and_text_hold_every_section_and_what_users_wrote_is_escaped(whole: Path) -> None:
    document = of_one(read_run(whole))
    html, (text, _) = page(document), markdown(document)
    assert len(html.encode()) < LARGEST
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    fences = re.compile(r"^(`{3,})$.*?^\1$", re.MULTILINE | re.DOTALL)  # shown as they are
    assert not re.search(r"(?<!\\)<script", fences.sub("", text))
    for section in document.sections:
        assert f"<h2>{section.heading}</h2>" in html
        assert f"## {section.heading}" in text


def test_runs_that_stopped_anywhere_have_a_report(made: Callable[..., Any]) -> None:
    run = made().begun()
    assert page(of_one(read_run(run.folder)))
    run.prepared(probed=False).cycle(0, insights=False)
    assert page(of_one(read_run(run.folder)))
    run.finalist("a", 70.0).concluded(nominated=None)
    assert page(of_one(read_run(run.folder)))
