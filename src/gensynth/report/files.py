"""A report on the disk: one page, one text, and the files that the text shows."""

from pathlib import Path

from gensynth.errors import ConfigurationError
from gensynth.journal import write_whole
from gensynth.report.document import Document
from gensynth.report.markdown import markdown
from gensynth.report.page import page

PAGE, TEXT = "report.html", "report.md"
MARK = b'<meta name="generator" content="gensynth">'


def write_report(document: Document, folder: Path) -> tuple[Path, Path]:
    """Write a report; an older report there is replaced, other files are left alone.

    Args:
        document: the report.
        folder: where; it is created.

    Returns:
        the page and the text.

    Raises:
        ConfigurationError: the folder holds a file of such a name, and no report wrote it.
        OSError: the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text, files = markdown(document)
    if not _is_report(folder / PAGE):
        taken = [name for name in (PAGE, TEXT, *files) if (folder / name).exists()]
        if taken:
            raise ConfigurationError(
                f"{folder / taken[0]} would be replaced, and no report wrote it: name another "
                "folder, or move it away"
            )
    write_whole(folder / PAGE, page(document))  # first: it marks the rest as a report's
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        unfinished = path.with_name(f".{path.name}")
        unfinished.write_bytes(content)
        unfinished.replace(path)
    write_whole(folder / TEXT, text)
    return folder / PAGE, folder / TEXT


def _is_report(path: Path) -> bool:
    return path.is_file() and MARK in path.read_bytes()
