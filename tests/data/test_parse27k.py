"""Parse-27k's SQLite file and folders, on a made release in exactly that layout."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from gensynth.data.boxes import KIND, Kind
from gensynth.data.jitter import Jitter
from gensynth.data.parse27k import SEQUENCES, Parse27k
from gensynth.errors import ConfigurationError, DataError

STILL = Jitter(
    shift=0,
    flip=False,
    smallest=1.0,
    largest=1.0,
    zoom_share=0.0,
    hue=0.0,
    desaturation=0.0,
    seed=0,
)
Change = Callable[[str], None]


@pytest.fixture
def change(made_parse27k: Path) -> Change:
    def execute(statement: str) -> None:
        with closing(
            sqlite3.connect(made_parse27k / "parse27k" / "annotations.sqlite3")
        ) as database:
            database.executescript(statement)

    return execute


def data(data_dir: Path, **changes: Any) -> Parse27k:
    given: dict[str, Any] = {
        "data_dir": data_dir,
        "download": False,
        "input_size": [36, 48],
        "cache_dir": None,
        "augmentation": STILL,
    }
    return Parse27k(**(given | changes))


def test_frames_are_divided_by_sequence_with_their_people(made_parse27k: Path) -> None:
    one = data(made_parse27k)
    assert one.counts == {split: 3 * len(several) for split, several in SEQUENCES.items()}
    one.open_test()
    for split, several in SEQUENCES.items():
        images, objects = one.images(split)
        numbers = images[:, 0, 0, 0].tolist()
        assert numbers == [10 * sequence + number for sequence in several for number in range(3)]
        kinds = objects[:, 0, KIND].tolist()
        assert kinds == [Kind.OBJECT, Kind.IGNORED, Kind.EMPTY] * len(several)
        assert objects[0, 0, :4].tolist() == [5.5, 4.0, 20.0, 30.25]


def test_the_whole_set_is_used_and_no_sequence_twice() -> None:
    assert sorted(chain.from_iterable(SEQUENCES.values())) == list(range(1, 9))


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("INSERT INTO Sequence VALUES (9, 'seq9')", r"unknown sequence 9; the set has .* 1, 2, 3"),
        ("UPDATE Image SET sequenceID = 9 WHERE imageID = 10", r"unknown sequence 9; the set has"),
        ("DELETE FROM Image WHERE sequenceID = 7", r"no frames of the sequences 7, .* the search"),
        ("DROP TABLE AttributeSet", r"no such table: AttributeSet"),
        ("ALTER TABLE Pedestrian RENAME COLUMN box_max_x TO right", r"no such column: .*box_max_x"),
        ("UPDATE Pedestrian SET box_max_x = box_min_x", r"has no area"),
        ("UPDATE Pedestrian SET box_min_x = 90, box_max_x = 95", r"lies outside the image"),
        ("UPDATE Pedestrian SET box_min_x = NULL", r"the corner None, which is no number"),
        ("UPDATE Pedestrian SET box_max_y = 'low'", r"the corner 'low', which is no number"),
        ("DELETE FROM Pedestrian", r"no object in the 9 images of parse27k that are the train"),
    ],
)
def test_what_is_wrong_in_the_file_is_one_line(
    made_parse27k: Path, change: Change, statement: str, message: str
) -> None:
    change(statement)
    with pytest.raises(DataError, match=message):
        data(made_parse27k).images("train")


def test_ids_may_be_words(made_parse27k: Path, change: Change) -> None:
    as_numbers = data(made_parse27k).images("train")
    change("""
        CREATE TABLE Words (sequenceID TEXT, directory TEXT);
        INSERT INTO Words SELECT * FROM Sequence;
        DROP TABLE Sequence;
        ALTER TABLE Words RENAME TO Sequence;
        CREATE TABLE Words (imageID TEXT, sequenceID TEXT, filename TEXT);
        INSERT INTO Words SELECT 'frame ' || imageID, sequenceID, filename FROM Image;
        DROP TABLE Image;
        ALTER TABLE Words RENAME TO Image;
        CREATE TABLE Words (attributeSetID TEXT, postureID TEXT);
        INSERT INTO Words SELECT attributeSetID, postureID FROM AttributeSet;
        DROP TABLE AttributeSet;
        ALTER TABLE Words RENAME TO AttributeSet;
        CREATE TABLE Words AS SELECT pedestrianID, 'frame ' || imageID AS imageID,
            CAST(attributeSetID AS TEXT) AS attributeSetID,
            box_min_x, box_min_y, box_max_x, box_max_y FROM Pedestrian;
        DROP TABLE Pedestrian;
        ALTER TABLE Words RENAME TO Pedestrian;
    """)
    for found, expected in zip(data(made_parse27k).images("train"), as_numbers, strict=True):
        assert found.equal(expected)


def test_people_without_attributes_are_ignored(made_parse27k: Path, change: Change) -> None:
    change("UPDATE Pedestrian SET attributeSetID = 99 WHERE imageID = 10")
    kinds = data(made_parse27k).images("train")[1][:, 0, KIND].tolist()
    assert kinds[:2] == [Kind.IGNORED] * 2
    assert kinds[3:5] == [Kind.OBJECT, Kind.IGNORED]


def test_a_missing_frame_and_another_file_are_one_line(made_parse27k: Path) -> None:
    root = made_parse27k / "parse27k"
    (root / "sequences" / "seq4" / "000001.png").unlink()
    with pytest.raises(DataError, match=r"seq4/000001.png is missing; .*annotations.sqlite3"):
        data(made_parse27k).images("train")
    (root / "annotations.sqlite3").write_bytes(b"not a database, but long enough to be read" * 9)
    with pytest.raises(DataError, match="is not the annotation file of Parse-27k"):
        data(made_parse27k).images("train")


def test_asking_for_the_set_says_where_to_ask(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Parse-27k is not in .*on request \(https://www.vision"):
        data(tmp_path).images("train")
    with pytest.raises(ConfigurationError, match=r"on request, ask at https://www\.vision"):
        data(tmp_path, download=True)
