"""A report is written whole, over an older one, and beside what is not its own."""

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from gensynth.errors import ConfigurationError
from gensynth.report.document import Document, Plot, Section
from gensynth.report.files import write_report


@pytest.mark.parametrize("name", ["report.md", "report.html", "figures/a.svg"])
def test_a_file_that_no_report_wrote_is_not_replaced(tmp_path: Path, name: str) -> None:
    mine = tmp_path / name
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("mine")
    document = Document("title", "", (Section("h", (Plot.of("a", Figure(), "a"),)),))
    with pytest.raises(ConfigurationError, match=f"{name} would be replaced"):
        write_report(document, tmp_path)
    assert mine.read_text() == "mine"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [mine]


def test_page_text_and_figures_are_written_and_nothing_else_is_touched(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "place"
    for title in ("first", "second"):
        plots = (Plot.of("a", Figure(), title),)
        page, text = write_report(Document(title, "", (Section("h", plots),)), folder)
        (folder / "mine").write_text("kept")
    assert "second" in page.read_text(encoding="utf-8")
    assert "second" in text.read_text(encoding="utf-8")
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert names == ["figures/a.svg", "mine", "report.html", "report.md"]
