"""A report before it has a form: sections of text, tables, figures and pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import final

from matplotlib.figure import Figure

from gensynth.report.style import svg


@final
@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph.

    Args:
        text: plain, escaped by whoever renders it.
        is_note: whether it says why something is missing, or how something is to be read.
    """

    text: str
    is_note: bool = False


@final
@dataclass(frozen=True, slots=True)
class Table:
    """Cells of plain text.

    Args:
        head: names of the columns.
        rows: cells; the first of each is its name.
        strong: places of rows that stand out.
        folded: what it is called when it is long and shown on demand; empty: shown at once.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    strong: frozenset[int] = frozenset()
    folded: str = ""


@final
@dataclass(frozen=True, slots=True)
class Plot:
    """A figure.

    Args:
        name: of its file, without an ending; unique within a report.
        svg: the figure, a standalone document.
        caption: what it shows and how it is read.
    """

    name: str
    svg: str
    caption: str

    @classmethod
    def of(cls, name: str, figure: Figure, caption: str) -> "Plot":
        """Render a figure."""
        return cls(name, svg(figure), caption)


@final
@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels, as a PNG or JPEG file's bytes.

    Args:
        name: of its file, with its ending; unique within a report.
        data: the file's content.
        caption: what it shows.
    """

    name: str
    data: bytes
    caption: str


@final
@dataclass(frozen=True, slots=True)
class Listing:
    """Lines that keep their spaces: commands, settings.

    Args:
        text: the lines.
        folded: what it is called when it is shown on demand; empty: shown at once.
    """

    text: str
    folded: str = ""


Block = Text | Table | Plot | Picture | Listing


@final
@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under a heading."""

    heading: str
    blocks: tuple[Block, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Document:
    """A report.

    Args:
        title: of the page.
        subtitle: one line below it.
        sections: in order.
    """

    title: str
    subtitle: str
    sections: Sequence[Section] = field(default_factory=tuple)
