"""The text says the same as the page, with figures as files beside it."""

import re

from matplotlib.figure import Figure

from gensynth.report.document import Document, Listing, Picture, Plot, Section, Table, Text
from gensynth.report.markdown import escaped, markdown

HOSTILE = "<b>*x*</b> | `y` [z](w) $q$\n# heading"


def test_special_characters_are_escaped_and_lines_joined() -> None:
    assert "\n" not in escaped(HOSTILE)
    assert escaped("plain, 1.5 - 2 (three)") == "plain, 1.5 - 2 (three)"
    for special in "<>|`*[]$#":
        assert not re.search(rf"(?<!\\){re.escape(special)}", escaped(HOSTILE))


def test_tables_keep_their_shape() -> None:
    table = Table(("a|b", HOSTILE), ((HOSTILE, "1"), ("", HOSTILE)), frozenset({0}))
    text, _ = markdown(Document("t", "s", (Section("h", (table,)),)))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 4
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 3 for row in rows)
    assert rows[2].count("**") == 4


def test_files_are_those_that_the_text_shows() -> None:
    blocks = (
        Plot.of("a figure/../x", Figure(), "caption"),
        Picture("b.jpg", b"pixels", "caption"),
        Text("note", is_note=True),
    )
    text, files = markdown(Document("t", "s", (Section("h", blocks),)))
    shown = re.findall(r"!\[[^\]]*\]\(([^)]*)\)", text)
    assert sorted(shown) == sorted(files)
    assert files["figures/b.jpg"] == b"pixels"
    assert all(re.fullmatch(r"figures/[A-Za-z0-9._-]+", name) for name in files)
    assert "*note*" in text


def test_a_listing_cannot_leave_its_fence() -> None:
    text, _ = markdown(Document("t", "s", (Section("h", (Listing("a\n```\nb", "name"),)),)))
    assert "````\na\n```\nb\n````" in text
