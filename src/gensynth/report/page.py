"""A report as one HTML file that needs nothing else: figures inlined, no scripts."""

import base64
import re
from html import escape
from importlib import resources
from string import Template

from gensynth.report.document import Block, Document, Listing, Picture, Plot, Section, Table, Text
from gensynth.report.wording import MINUS, PLUS_MINUS

PROLOGUE = re.compile(r"\A.*?(?=<svg)", re.DOTALL)
METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
NAMESPACES = re.compile(r'\sxmlns(?::\w+)?="[^"]*"')
IDENTITY = re.compile(r'(\sid="|\sxlink:href="#|\shref="#|url\(#)')
WIDTH = re.compile(r'<svg [^>]*width="([\d.]+)pt"')
LEGIBLE = 0.75
"""How much a figure may shrink to fit the window; below that it scrolls."""
FIGURE = rf"[-+{MINUS}]?\d[\d.,]*( ?%| [KMG])?"
NUMBER = re.compile(
    rf"-|{FIGURE}( {PLUS_MINUS} {FIGURE}| \({FIGURE} to {FIGURE}\)| points| times (fewer|as many))?"
)
"""Cells that are aligned at the right."""


def page(document: Document) -> str:
    """Return the HTML page."""
    return Template(_read("page.html")).substitute(
        title=escape(document.title),
        subtitle=escape(document.subtitle),
        style=_read("page.css"),
        contents="\n".join(_entry(n, one) for n, one in enumerate(document.sections)),
        sections="\n".join(_section(n, one) for n, one in enumerate(document.sections)),
    )


def _read(name: str) -> str:
    return resources.files("gensynth.report").joinpath(name).read_text(encoding="utf-8")


def _entry(number: int, section: Section) -> str:
    return f'<li><a href="#section{number}">{escape(section.heading)}</a></li>'


def _section(number: int, section: Section) -> str:
    blocks = "\n".join(_block(block) for block in section.blocks)
    heading = escape(section.heading)
    return f'<section id="section{number}">\n<h2>{heading}</h2>\n{blocks}\n</section>'


def _block(block: Block) -> str:
    match block:
        case Text():
            kind = ' class="note"' if block.is_note else ""
            return f"<p{kind}>{escape(block.text)}</p>"
        case Table():
            return _folded(_table(block), block.folded)
        case Listing():
            return _folded(f"<pre>{escape(block.text)}</pre>", block.folded)
        case Plot():
            return _figure(inlined(block), block.caption)
        case Picture():
            kind = "jpeg" if block.name.endswith(".jpg") else "png"
            data = base64.b64encode(block.data).decode()
            words = escape(block.name)
            shown = f'<img alt="{words}" src="data:image/{kind};base64,{data}">'
            return _figure(shown, block.caption, "picture")


def inlined(plot: Plot) -> str:
    """Return a figure's SVG to stand in a page: its names cannot clash with another figure's."""
    text = METADATA.sub("", PROLOGUE.sub("", plot.svg, count=1))
    text = NAMESPACES.sub("", text)
    name = re.sub(r"[^A-Za-z0-9]", "_", plot.name)
    text = IDENTITY.sub(lambda found: f"{found[1]}{name}-", text)
    label = escape(plot.name.replace("_", " "))
    width = WIDTH.search(text)
    least = LEGIBLE * float(width[1]) if width else 0.0
    text = text.replace('style="', f'style="min-width: {least:.0f}pt; ', 1)
    return text.replace("<svg", f'<svg role="img" aria-label="{label}"', 1).strip()


def _figure(content: str, caption: str, kind: str = "plot") -> str:
    told = f"<figcaption>{escape(caption)}</figcaption>"
    return f'<figure class="{kind}"><div class="wide">{content}</div>{told}</figure>'


def _folded(content: str, name: str) -> str:
    if not name:
        return content
    return f"<details><summary>{escape(name)}</summary>{content}</details>"


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.head)
    rows = "\n".join(_row(row, strong=n in table.strong) for n, row in enumerate(table.rows))
    return (
        f'<div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>\n{rows}\n</tbody></table></div>"
    )


def _row(cells: tuple[str, ...], *, strong: bool) -> str:
    first, *others = cells
    kind = ' class="strong"' if strong else ""
    rest = "".join(
        f"<td{' class=number' if NUMBER.fullmatch(cell) else ''}>{escape(cell)}</td>"
        for cell in others
    )
    return f'<tr{kind}><th scope="row">{escape(first)}</th>{rest}</tr>'
