"""KITTI's label files, on a made set in that layout."""

from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gensynth.data.boxes import CLASS, KIND, Kind
from gensynth.data.jitter import Jitter
from gensynth.data.kitti import Kitti
from gensynth.data.partition import Split
from gensynth.errors import ConfigurationError, DataError

SPLITS: tuple[Split, ...] = ("train", "search", "confirm", "test")
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
LINES = """Pedestrian 0.00 0 -0.20 7.50 4.00 20.00 30.00 1.89 0.48 1.20 1.84 1.47 8.41 0.01
Car 0.00 0 1.85 2.00 2.00 9.00 9.00 1.67 1.87 3.69 -16.53 2.39 58.49 1.57
Van 0.00 0 1.85 1.00 1.00 9.00 9.00 1.67 1.87 3.69 -16.53 2.39 58.49 1.57
DontCare -1 -1 -10 30.00 5.00 40.00 15.00 -1 -1 -1 -1000 -1000 -1000 -10
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Forty images of 36 x 48; every fourth has no label file."""
    for name in ("image_2", "label_2"):
        (tmp_path / "kitti" / name).mkdir(parents=True)
    for number in range(40):
        pixels = np.full((36, 48, 3), number, dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "kitti" / "image_2" / f"{number:06d}.png")
        if number % 4:
            (tmp_path / "kitti" / "label_2" / f"{number:06d}.txt").write_text(LINES)
    return tmp_path


def data(data_dir: Path, **changes: Any) -> Kitti:
    given: dict[str, Any] = {
        "data_dir": data_dir,
        "folder": "kitti",
        "images": "image_2",
        "labels": "label_2",
        "classes": ["Pedestrian", "Car"],
        "ignored": ["DontCare"],
        "search_share": 0.1,
        "confirm_share": 0.15,
        "test_share": 0.25,
        "split_seed": 0,
        "input_size": [36, 48],
        "cache_dir": None,
        "augmentation": STILL,
    }
    return Kitti(**(given | changes))


def test_lines_become_objects_and_other_types_are_background(folder: Path) -> None:
    images, objects = data(folder).images("train")
    for number, rows in zip(images[:, 0, 0, 0].tolist(), objects, strict=True):
        if number % 4 == 0:
            assert not rows.any()
            continue
        assert rows[0].tolist() == [7.5, 4, 20, 30, 0, Kind.OBJECT]
        assert rows[1].tolist() == [2, 2, 9, 9, 1, Kind.OBJECT]
        assert rows[2:, :4].tolist() == [[30, 5, 40, 15]] * 2  # ignored as either class
        assert rows[2:, CLASS].tolist() == [0, 1]
        assert rows[2:, KIND].tolist() == [Kind.IGNORED] * 2


def test_images_are_dealt_once_and_always_alike(folder: Path) -> None:
    one, again = data(folder), data(folder)
    assert one.counts == {"train": 20, "search": 4, "confirm": 6, "test": 10}
    assert one.digest == again.digest != data(folder, split_seed=1).digest
    one.open_test()
    dealt = [one.images(split)[0][:, 0, 0, 0].tolist() for split in SPLITS]
    assert sorted(chain.from_iterable(dealt)) == list(range(40))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Pedestrian 0 0 0 1 2 3", r"line 1: 'Pedestrian 0 0 0 1 2 3' has no four corners"),
        ("Pedestrian 0 0 0 1 2 x 4", r"has no four corners"),
        ("Pedestrian 0 0 0 9 2 9 4", r"has no area"),
        ("Pedestrian 0 0 0 90 2 99 4", r"lies outside the image"),
    ],
)
def test_a_wrong_line_is_named(folder: Path, line: str, message: str) -> None:
    for path in (folder / "kitti" / "label_2").glob("*.txt"):
        path.write_text(line)
    with pytest.raises(DataError, match=message):
        data(folder).images("train")


def test_what_is_missing_is_one_line(folder: Path) -> None:
    with pytest.raises(DataError, match=r"holds 0 images .*too few for four splits; expected"):
        data(folder, folder="mine").images("train")
    with pytest.raises(DataError, match=r"/labels_2 has no label file .*: set data\.labels"):
        data(folder, labels="labels_2").images("train")
    types = r"data\.classes=\['car'\]: no object of .* theirs are Car, DontCare, Pedestrian, Van"
    with pytest.raises(DataError, match=types):
        data(folder, classes=["car"], ignored=[]).images("train")


def test_an_image_is_dealt_to_one_split_whatever_its_ending(folder: Path) -> None:
    images = folder / "kitti" / "image_2"
    (images / "000001.jpg").write_bytes((images / "000001.png").read_bytes())
    with pytest.raises(DataError, match=r"000001\.jpg, 000001\.png would share the labels 000001"):
        data(folder).images("train")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"classes": []}, r"data.classes=\[\] must name a type"),
        ({"classes": ["Car", "Car"]}, r"data.classes=\['Car', 'Car'\] must name .* none twice"),
        ({"ignored": ["Car"]}, r"none in data.ignored=\['Car'\]"),
        ({"test_share": 0.0}, r"data.test_share=0.0 must be above 0"),
        ({"test_share": 0.8}, r"together below 1"),
    ],
)
def test_wrong_settings_are_refused(folder: Path, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        data(folder, **wrong)
