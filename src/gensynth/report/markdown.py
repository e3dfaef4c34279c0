"""A report as Markdown, with its figures and pictures as files beside it."""

import re
from collections.abc import Iterator

from gensynth.report.document import Block, Document, Listing, Picture, Plot, Table, Text

FIGURES = "figures"
"""Folder of the files, beside the page."""
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$!])")

Files = dict[str, bytes]
"""Path below the page's folder to content."""


def markdown(document: Document) -> tuple[str, Files]:
    """Return the page and the files that it shows."""
    files: Files = {}
    lines = [f"# {escaped(document.title)}", "", escaped(document.subtitle), ""]
    for section in document.sections:
        lines += [f"## {escaped(section.heading)}", ""]
        for block in section.blocks:
            lines += [*_lines(block, files), ""]
    return "\n".join(lines), files


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _lines(block: Block, files: Files) -> Iterator[str]:
    match block:
        case Text():
            text = escaped(block.text)
            yield f"*{text}*" if block.is_note else text
        case Table():
            yield from _table(block)
        case Plot():
            yield _shown(f"{block.name}.svg", block.svg.encode(), block.caption, files)
        case Picture():
            yield _shown(block.name, block.data, block.caption, files)
        case Listing():
            yield from [*([f"{escaped(block.folded)}:", ""] if block.folded else [])]
            fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", block.text)), default=0))
            yield from [fence, block.text, fence]


def _shown(name: str, content: bytes, caption: str, files: Files) -> str:
    path = f"{FIGURES}/{re.sub(r'[^A-Za-z0-9._-]', '_', name)}"
    files[path] = content
    words = re.sub(r"[_.-]+", " ", name.rpartition(".")[0])
    return f"![{escaped(words)}]({path})\n\n{escaped(caption)}"


def _table(table: Table) -> Iterator[str]:
    if table.folded:
        yield from [f"{escaped(table.folded)}:", ""]
    yield f"| {' | '.join(escaped(cell) or ' ' for cell in table.head)} |"
    yield f"|{'|'.join('---' if not n else '--:' for n, _ in enumerate(table.head))}|"
    for place, row in enumerate(table.rows):
        cells = [escaped(cell) for cell in row]
        if place in table.strong:
            cells = [f"**{cell}**" if cell else cell for cell in cells]
        yield f"| {' | '.join(cells)} |"
