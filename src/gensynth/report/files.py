"""A report on the disk: one page, one text, and the files that the text shows."""

from pathlib import Path

from gensynth.journal import write_whole
from gensynth.report.document import Document
from gensynth.report.markdown import markdown
from gensynth.report.page import page

PAGE, TEXT = "report.html", "report.md"


def write_report(document: Document, folder: Path) -> tuple[Path, Path]:
    """Write a report; older files of the same names are replaced, others are left alone.

    Args:
        document: the report.
        folder: where; it is created.

    Returns:
        the page and the text.

    Raises:
        OSError: the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text, files = markdown(document)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        unfinished = path.with_name(f".{path.name}")
        unfinished.write_bytes(content)
        unfinished.replace(path)
    write_whole(folder / TEXT, text)
    write_whole(folder / PAGE, page(document))
    return folder / PAGE, folder / TEXT
