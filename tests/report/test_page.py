"""The page is whole, safe, and needs nothing but itself."""

import re
from html.parser import HTMLParser

import pytest
from matplotlib.figure import Figure

from gensynth.report.document import Document, Listing, Picture, Plot, Section, Table, Text
from gensynth.report.page import inlined, page
from gensynth.report.wording import MINUS

HOSTILE = "</p><script>alert('x')</script><img src=x onerror=alert(1)> & \"quoted\""
VOID = {"meta", "link", "img", "br", "hr", "input"}
OUTSIDE = re.compile(r"(?:https?:)?//", re.IGNORECASE)


class Reader(HTMLParser):
    """Takes a page apart, and minds that every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.names: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), f"{tag} has {name}"
            if name in {"src", "href", "xlink:href", "srcset", "action"}:
                self.links.append(value or "")
            if name == "id":
                self.names.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert not reader.open
    return reader


def plot(name: str, text: str = "text") -> Plot:
    figure = Figure()
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], marker="o")
    axes.set_title(text)
    return Plot.of(name, figure, text)


def whole(text: str) -> Document:
    blocks = (
        Text(text),
        Text(text, is_note=True),
        Table((text, text), ((text, text),), frozenset({0}), folded=text),
        Listing(text, folded=text),
        plot("one", text),
        plot("two", text),
        Picture("a.png", b"\x89PNG", text),
    )
    return Document(text, text, (Section(text, blocks), Section("other")))


def test_every_text_is_escaped() -> None:
    reader = read(page(whole(HOSTILE)))
    harmless = read(page(whole("harmless words")))
    assert reader.tags == harmless.tags
    assert reader.text.count(HOSTILE) == harmless.text.count("harmless words")


def test_nothing_outside_is_asked_for() -> None:
    text = page(whole("plain"))
    reader = read(text)
    assert not {"script", "iframe", "object", "embed", "base"} & set(reader.tags)
    assert all(link.startswith(("#", "data:")) for link in reader.links)
    assert "@import" not in text
    assert not OUTSIDE.search(re.sub(r"data:image/png;base64,[^\"]*", "", text))
    inner = re.findall(r"url\(([^)]*)\)", text)
    assert all(one.startswith("#") for one in inner)


def test_names_are_unique_and_links_lead_somewhere() -> None:
    reader = read(page(whole("plain")))
    assert len(set(reader.names)) == len(reader.names)
    assert {link[1:] for link in reader.links if link.startswith("#")} <= set(reader.names)


@pytest.mark.parametrize("name", ["a", "of <somebody> & 'else'"])
def test_a_figure_refers_to_its_own_parts_alone(name: str) -> None:
    reader = read(inlined(plot(name)))
    assert reader.links
    assert {link[1:] for link in reader.links} <= set(reader.names)
    assert reader.tags[0] == "svg"


def test_numbers_are_aligned_and_words_are_not() -> None:
    rows = (("a", "1,234.5 ± 6 %", "words"), ("b", f"{MINUS}3", "-"))
    text = page(Document("", "", (Section("", (Table(("", "", ""), rows),)),)))
    assert text.count("class=number") == 3
    assert "<td>words</td>" in text
