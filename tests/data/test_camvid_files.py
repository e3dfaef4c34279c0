"""Frames of every layout, the division of the 701, and parts held out of sequences."""

from pathlib import Path

import pytest

from gensynth.data.camvid_files import Frame, ends_held_out, frames, later_half, part_of
from gensynth.data.camvid_labels import of_colours, of_eleven
from gensynth.errors import DataError

NAMES = ["0001TP_006690", "0001TP_008550", "0006R0_f00930", "0016E5_07959", "Seq05VD_f00000"]


def touched(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def segnet(folder: Path) -> Path:
    for part, name in (("train", NAMES[0]), ("val", NAMES[3]), ("test", NAMES[4])):
        touched(folder / part / f"{name}.png", folder / f"{part}annot" / f"{name}.png")
        line = f"/SegNet/CamVid/{part}/{name}.png /SegNet/CamVid/{part}annot/{name}.png\n"
        (folder / f"{part}.txt").write_text(line + "\n")
    return folder


def original(folder: Path) -> Path:
    for name in NAMES:
        touched(folder / "701_StillsRaw_full" / f"{name}.png")
        touched(folder / "LabeledApproved_full" / f"{name}_L.png")
    return folder


def test_lists_name_frames_wherever_their_authors_kept_them(tmp_path: Path) -> None:
    folder = segnet(tmp_path)
    (frame,) = frames(folder, "val")
    assert (frame.name, frame.sequence, frame.coloured) == (NAMES[3], "0016E5", False)
    assert frame.image == folder / "val" / f"{NAMES[3]}.png"
    assert frame.labels == folder / "valannot" / f"{NAMES[3]}.png"
    assert frame.decode is of_eleven


def test_the_original_release_is_divided_by_name(tmp_path: Path) -> None:
    folder = original(tmp_path)
    assert [f.name for f in frames(folder, "train")] == [NAMES[0], NAMES[2]]
    assert [f.name for f in frames(folder, "val")] == [NAMES[3]]
    found = frames(folder, "test")
    assert [f.name for f in found] == [NAMES[1], NAMES[4]]
    assert found[0].labels.name == f"{NAMES[1]}_L.png"
    assert found[0].decode is of_colours
    assert found[0].coloured


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("0001TP_006690", "train"),
        ("0001TP_008520", "train"),
        ("0001TP_008550", "test"),
        ("0006R0_f03930", "train"),
        ("0016E5_07920", "train"),
        ("0016E5_07959", "val"),
        ("0016E5_08159", "val"),
        ("0016E5_08190", "train"),
        ("Seq05VD_f05100", "test"),
    ],
)
def test_the_division_is_that_of_the_published_lists(name: str, part: str) -> None:
    assert part_of(name) == part


def test_what_is_wrong_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no frames for train"):
        frames(tmp_path, "train")
    folder = segnet(tmp_path)
    (folder / "trainannot" / f"{NAMES[0]}.png").unlink()
    with pytest.raises(DataError, match=rf"trainannot/{NAMES[0]}.png is missing"):
        frames(folder, "train")
    (folder / "val.txt").write_text("\n \n")
    with pytest.raises(DataError, match=r"val\.txt lists no frames"):
        frames(folder, "val")
    (folder / "test.txt").unlink()
    with pytest.raises(DataError, match=r"cannot read .*test\.txt"):
        frames(folder, "test")
    with pytest.raises(DataError, match="'holiday_1x' is no name of a CamVid frame"):
        part_of("holiday_1x")


def test_the_end_of_every_sequence_is_held_out() -> None:
    def frame(name: str) -> Frame:
        return Frame(name, Path(), Path(), False, of_eleven)

    found = [frame(f"a_{i:03d}") for i in range(10)] + [frame(f"b_{i:03d}") for i in range(2)]
    held, later = ends_held_out(found, found[:2], 0.3)
    assert held == [False] * 7 + [True] * 3 + [False, True] + [True, True]
    assert later == [False, False, True, False, False, True]
    assert later_half(found) == [False] * 5 + [True] * 5 + [False, True]
    assert later_half(found[:3]) == [False, False, True]
