"""What all tests share: few threads, nothing written outside temporary folders, made data sets."""

import os

# Before torch is imported anywhere: tests are small, and often share a machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

# Machines are shared and modules are imported on first use: no test is late by the clock.
settings.register_profile("gensynth", deadline=None)
settings.load_profile("gensynth")


CORNERS = "(Xmin, Ymin) - (Xmax, Ymax) :"

SCHEMA = """
CREATE TABLE Sequence (sequenceID INTEGER PRIMARY KEY, directory TEXT);
CREATE TABLE Image (imageID INTEGER PRIMARY KEY, sequenceID INTEGER, filename TEXT);
CREATE TABLE AttributeSet (
    attributeSetID INTEGER PRIMARY KEY, OrientationID INTEGER, Orientation8ID INTEGER,
    GenderID INTEGER, PostureID INTEGER, HasBagOnShoulderLeftID INTEGER,
    HasBagOnShoulderRightID INTEGER, HasBagInHandLeftID INTEGER, HasBagInHandRightID INTEGER,
    HasTrolleyID INTEGER, HasBackpackID INTEGER, isPushingID INTEGER, isTalkingOnPhoneID INTEGER
);
CREATE TABLE Pedestrian (
    pedestrianID INTEGER PRIMARY KEY, imageID INTEGER, attributeSetID INTEGER,
    box_min_x REAL, box_min_y REAL, box_max_x REAL, box_max_y REAL
);
INSERT INTO AttributeSet VALUES
    (1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3), (2, 3, 5, 3, 3, 3, 3, 3, 3, 3, 2, 3, 3),
    (3, 4, 7, 1, 4, 1, 1, 1, 1, 1, 1, 1, 1);
"""
"""Of the releases that are made for tests, in exactly the layout they are given out in."""


@pytest.fixture(scope="session", autouse=True)
def _own_places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENSYNTH_OUTPUTS", str(tmp_path_factory.mktemp("outputs")))
        patch.setenv("GENSYNTH_DATA", str(tmp_path_factory.mktemp("no_data")))
        for name in ["MLFLOW_TRACKING_URI", "HYDRA_FULL_ERROR", "GENSYNTH_FULL_ERROR"]:
            patch.delenv(name, raising=False)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs CUDA where there is none."""
    needy = [item for item in items if item.get_closest_marker("gpu")]
    if not needy:
        return
    import torch

    if not torch.cuda.is_available():
        for item in needy:
            item.add_marker(pytest.mark.skip(reason="needs CUDA"))


@pytest.fixture
def made_penn_fudan(tmp_path: Path) -> Path:
    """170 images of 40 x 60 with two people, the second of 78 images added later."""
    root = tmp_path / "PennFudanPed"
    for name in ("PNGImages", "Annotation"):
        (root / name).mkdir(parents=True)
    names = [f"FudanPed{i:05d}" for i in range(1, 75)] + [f"PennPed{i:05d}" for i in range(1, 97)]
    for number, name in enumerate(names):
        pixels = np.full((40, 60, 3), number, dtype=np.uint8)
        Image.fromarray(pixels).save(root / "PNGImages" / f"{name}.png")
        lines = ["# Compatible with PASCAL Annotation Version 1.00", ""]
        lines.append('Objects with ground truth : 2 { "PASpersonWalking" "PASpersonWalking" }')
        for index, box in enumerate([(1, 1, 20, 40), (31, 5, 50, 30)], start=1):
            label, corners = "PASpersonWalking", f"({box[0]}, {box[1]}) - ({box[2]}, {box[3]})"
            lines.append(f'# Details for pedestrian {index} ("{label}")')
            lines.append(f'Bounding box for object {index} "{label}" {CORNERS} {corners}')
        (root / "Annotation" / f"{name}.txt").write_text("\n".join(lines))
    added = ["# image name (\t) object index", *(f"{name}.png\t2" for name in names[14::2])]
    (root / "added-object-list.txt").write_text("\n".join(added) + "\n")
    return tmp_path


@pytest.fixture
def made_parse27k(tmp_path: Path) -> Path:
    """Eight sequences of three frames; in each one who walks, one who sits, and an empty frame."""
    root = tmp_path / "parse27k"
    root.mkdir()
    with closing(sqlite3.connect(root / "annotations.sqlite3")) as database:
        database.executescript(SCHEMA)
        for sequence in range(1, 9):
            directory = root / "sequences" / f"seq{sequence}"
            directory.mkdir(parents=True)
            database.execute("INSERT INTO Sequence VALUES (?, ?)", (sequence, directory.name))
            for number in range(3):
                image = 10 * sequence + number
                name = f"{number:06d}.png"
                database.execute("INSERT INTO Image VALUES (?, ?, ?)", (image, sequence, name))
                pixels = np.full((36, 48, 3), image, dtype=np.uint8)
                Image.fromarray(pixels).save(directory / name)
                if number < 2:
                    box = (5.5, 4.0, 20.0, 30.25)
                    row = (image, image, 1 + 2 * number, *box)
                    database.execute("INSERT INTO Pedestrian VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        database.commit()
    return tmp_path
