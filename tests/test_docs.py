"""What the pages under docs/ name is there."""

import inspect
import pkgutil
import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAME = re.compile(r"`(gensynth(?:\.\w+)+)`")
NAMED = sorted(
    {
        (page.name, name)
        for page in (ROOT / "docs").glob("*.md")
        for name in NAME.findall(page.read_text(encoding="utf-8"))
    }
)


@pytest.mark.parametrize(("page", "name"), NAMED)
def test_what_a_page_names_exists(page: str, name: str) -> None:
    found = pkgutil.resolve_name(name)
    assert not inspect.ismodule(found), f"{page}: name what is in {name}"


def test_pages_name_something() -> None:
    assert len(NAMED) > 20


def test_the_page_of_results_is_what_was_recorded() -> None:
    found = runpy.run_path(str(ROOT / "benchmarks" / "results_page.py"))["page"]()
    assert found == (ROOT / "docs" / "results.md").read_text(encoding="utf-8"), (
        "run python benchmarks/results_page.py"
    )
