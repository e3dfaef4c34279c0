"""A diary reads back what was written, adds nothing twice, and says when it is damaged."""

from dataclasses import replace
from pathlib import Path

import pytest

from gensynth.diary import (
    KINDS,
    AboutNote,
    CycleNote,
    Diary,
    EndNote,
    FileNote,
    NetworkNote,
    Note,
    PictureNote,
    ReportedNote,
)
from gensynth.errors import DataError
from gensynth.journal import Journal
from gensynth.records import Candidate, Evaluation

FIRST = Evaluation(
    candidate=Candidate(0, 1, 7, (0, 1), "0123456789abcdef"),
    key="first",
    fidelity="short",
    split="search",
    status="completed",
    measurements={"accuracy": 87.5},
)
PROTOTYPE = replace(FIRST, key="prototype", fidelity="long", split="confirm")

NOTES: tuple[Note, ...] = (
    AboutNote(
        data={"name": "squares", "counts": {"train": 80}},
        quality="accuracy",
        score="net_score",
        costs=["macs"],
        units={"accuracy": "percent"},
        choices={"stem.width": [4, 8], "block.keep": [False, True]},
    ),
    NetworkNote(PROTOTYPE, "prototype", {}, {"margin_accuracy": 2.5}),
    NetworkNote(FIRST, "candidate", {"width of stem": 8, "kernel": "3x3"}, {}),
    CycleNote(0, {"mean_accuracy": 87.5}, ("cycles/000/generator.json",)),
    ReportedNote(FIRST, "networks/one.safetensors", nominated=True, met=True),
    PictureNote(FIRST, "pictures/one.png"),
    FileNote("result.json"),
    EndNote("interrupted", {"score": 1.5}),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Journal(tmp_path / "evaluations.jsonl").append(FIRST)
    (tmp_path / "prototype.json").write_text(PROTOTYPE.to_json())
    return tmp_path


def test_notes_of_every_kind_come_back_as_they_were_written(folder: Path) -> None:
    assert {type(note) for note in NOTES} == set(KINDS.values())
    for note in NOTES:
        Diary(folder).write(note)
    assert Diary(folder).notes() == NOTES


def test_a_continued_run_adds_only_what_is_new_and_every_end(folder: Path) -> None:
    for _ in range(2):
        diary = Diary(folder)
        for note in (*NOTES, *NOTES):
            diary.write(note)
    *notes, last = NOTES
    assert [note for note in Diary(folder).notes() if note != last] == notes
    assert Diary(folder).notes().count(last) == 4


def test_a_torn_last_line_is_left_out_and_written_again(folder: Path) -> None:
    for note in NOTES:
        Diary(folder).write(note)
    path = folder / "diary.jsonl"
    path.write_bytes(path.read_bytes()[:-5])
    assert Diary(folder).notes() == NOTES[:-1]
    Diary(folder).write(NOTES[-1])
    assert Diary(folder).notes() == NOTES


def test_an_evaluation_that_is_not_there_is_named(folder: Path) -> None:
    Diary(folder).write(NOTES[2])
    (folder / "evaluations.jsonl").unlink()
    with pytest.raises(DataError, match=r"evaluation first, which evaluations\.jsonl"):
        Diary(folder).notes()


def test_notes_can_be_read_while_the_run_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Diary(folder).write(NOTES[2])
    second = replace(FIRST, key="second")
    read = Journal.all

    def evaluated_meanwhile(journal: Journal) -> tuple[Evaluation, ...]:
        known = read(journal)
        if all(one.key != "second" for one in known):
            journal.append(second)
            Diary(folder).write(NetworkNote(second, "candidate", {}, {}))
        return known

    monkeypatch.setattr(Journal, "all", evaluated_meanwhile)
    assert Diary(folder).notes() == (NOTES[2],)
    assert len(Diary(folder).notes()) == 2


def test_a_damaged_line_is_named(folder: Path) -> None:
    (folder / "diary.jsonl").write_text('{"note": "dream"}\n')
    with pytest.raises(DataError, match=r"diary\.jsonl line 1 is damaged"):
        Diary(folder).notes()
