"""One concept, one file: every source file has its test file."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
SOURCES = sorted(
    path
    for folder in ["src/gensynth", "plugins/gensynth_plugins"]
    for path in (ROOT / folder).rglob("*.py")
    if path.name
    not in {"__init__.py", "__main__.py", "errors.py", "run_files.py"}  # nothing there to get wrong
)


def places(source: Path) -> list[Path]:
    """Return where a file's tests may be: its mirror, its package's, or the contract suites."""
    if source.is_relative_to(ROOT / "plugins"):
        return [TESTS / "plugins" / f"test_{source.stem}.py"]
    path = source.relative_to(ROOT / "src" / "gensynth")
    mirror = TESTS / path.parent / f"test_{source.stem}.py"
    package = TESTS / path.parent.parent / f"test_{path.parent.name}.py"
    kind = source.stem.removesuffix("_suite")
    suites = [TESTS / "contract" / f"test_{kind}{plural}.py" for plural in ["", "s"]]
    return [mirror, package, *suites]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_source_has_its_tests(source: Path) -> None:
    assert any(path.is_file() for path in places(source)), f"write {places(source)[0]}"
