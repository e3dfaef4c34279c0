"""A small CamVid in SegNet's and the original layout: splits, sizes, caches, wrong input."""

import hashlib
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from PIL import Image

from gensynth.data import camvid as module
from gensynth.data.camvid import CamVid
from gensynth.data.camvid_labels import COLOURS
from gensynth.data.partition import Split
from gensynth.data.warp import VOID, Warp
from gensynth.errors import ConfigurationError, DataError

SPLITS: tuple[Split, ...] = get_args(Split)
WARP = Warp(smallest=0.8, largest=1.2, flip=True, colour=0.1, seed=0)
TRAIN = [f"0001TP_{i:06d}" for i in range(4)] + [f"0006R0_f{i:05d}" for i in range(4)]
VAL = ["0016E5_07959", "0016E5_07961"]
TEST = ["Seq05VD_f00000", "0001TP_009000", "0001TP_009030"]


@pytest.fixture
def segnet(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    folder = tmp_path / "camvid"
    for part, names in (("train", TRAIN), ("val", VAL), ("test", TEST)):
        for name in names:
            for where, shape, top in ((part, (72, 96, 3), 256), (f"{part}annot", (72, 96), 12)):
                (folder / where).mkdir(parents=True, exist_ok=True)
                pixels = rng.integers(0, top, shape).astype(np.uint8)
                Image.fromarray(pixels).save(folder / where / f"{name}.png")
        lines = [f"/SegNet/{part}/{n}.png /SegNet/{part}annot/{n}.png" for n in names]
        (folder / f"{part}.txt").write_text("\n".join(lines))
    return tmp_path


def camvid(folder: Path, **changes: Any) -> CamVid:
    settings: dict[str, Any] = {
        "data_dir": folder,
        "download": False,
        "input_size": (36, 48),
        "held_out_share": 0.5,
        "validation_step": 1,
        "cache_dir": None,
        "augmentation": WARP,
    }
    return CamVid(**(settings | changes))


def test_lists_divide_it_and_labels_keep_their_size(segnet: Path) -> None:
    data = camvid(segnet)
    assert data.counts == {"train": 4, "search": 3, "confirm": 3, "test": 3}
    images, labels = data.images("train")
    assert images.shape == (4, 3, 36, 48)
    assert labels.shape == (4, 72, 96)
    assert sorted(np.unique(labels.numpy())) == [*range(11), VOID]
    batch, targets = next(data.batches("confirm", 2))
    assert (batch.shape, targets.shape) == ((2, 3, 36, 48), (2, 72, 96))
    indices, batch, targets = next(data.train_batches(4, epoch=0, seed=0))
    assert batch.shape == (4, 3, 36, 48)
    assert targets.shape == (4, 36, 48)
    torch.testing.assert_close(batch, data.augmented(0, indices))


def check_split(data: CamVid, folder: Path, split: Split, names: Sequence[str]) -> None:
    """Compare a split's images with those of the files."""
    files = [folder / "camvid" / ("val" if n in VAL else "train") / f"{n}.png" for n in names]
    found = data.images(split)[0].permute(0, 2, 3, 1).numpy()
    np.testing.assert_array_equal(found, np.stack([np.asarray(Image.open(one)) for one in files]))


def test_the_ends_of_training_sequences_and_the_validation_clip_are_halved(segnet: Path) -> None:
    data = camvid(segnet, input_size=(72, 96))
    check_split(data, segnet, "search", [TRAIN[2], TRAIN[6], VAL[0]])
    check_split(data, segnet, "confirm", [TRAIN[3], TRAIN[7], VAL[1]])


def test_whole_sequences_are_held_out_and_all_else_is_trained_on(segnet: Path) -> None:
    data = camvid(segnet, input_size=(72, 96), held_out_sequences=["0006R0"])
    check_split(data, segnet, "train", [*TRAIN[:4], *VAL])
    check_split(data, segnet, "search", TRAIN[4:6])
    check_split(data, segnet, "confirm", TRAIN[6:])


def test_what_is_held_out_is_part_of_the_data_s_identity(segnet: Path) -> None:
    choices: list[list[str]] = [[], ["0001TP"], ["0006R0"], ["0016E5"], ["0001TP", "0016E5"]]
    digests = {camvid(segnet, held_out_sequences=names).digest for names in choices}
    assert len(digests) == len(choices)


def test_sequences_of_the_validation_list_alone_are_told_apart(segnet: Path) -> None:
    folder, other = segnet / "camvid", "0099ZZ_000001"
    for part in ("val", "valannot"):
        (folder / part / f"{VAL[1]}.png").rename(folder / part / f"{other}.png")
    listing = (folder / "val.txt").read_text().replace(VAL[1], other)
    (folder / "val.txt").write_text(listing)
    digests = {camvid(segnet, held_out_sequences=[one]).digest for one in ("0016E5", "0099ZZ")}
    assert len(digests) == 2


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (
            ["Seq05VD"],
            "'Seq05VD' is no sequence of the training and validation lists; there are '0",
        ),
        (["0001TP", "0006R0", "0016E5"], "leaves nothing to learn from: leave out one of them"),
        ([1600000.0], r"within quotes: \['0016E5'\]"),
        ("0006R0", "held_out_sequences=0006R0 must be a list of names"),
        (None, "held_out_sequences=None must be a list of names"),
    ],
)
def test_sequences_that_cannot_be_held_out_are_named(segnet: Path, names: Any, line: str) -> None:
    with pytest.raises(ConfigurationError, match=line):
        camvid(segnet, held_out_sequences=names).images("train")


def test_the_test_split_stays_closed_until_it_is_opened(segnet: Path) -> None:
    data = camvid(segnet)
    with pytest.raises(DataError, match="test split of camvid is closed"):
        data.images("test")
    data.open_test()
    assert data.images("test")[1].shape == (3, 72, 96)


def test_decoded_once_it_needs_its_images_no_more(segnet: Path, tmp_path: Path) -> None:
    first = camvid(segnet, cache_dir=tmp_path / "kept")
    digest = first.digest
    assert digest == camvid(segnet).digest
    assert len(list((tmp_path / "kept").iterdir())) == 1  # nothing of the test split
    again = camvid(segnet, cache_dir=tmp_path / "kept")
    assert again.digest == digest
    assert torch.equal(again.images("train")[0], first.images("train")[0])


def test_the_original_release_is_read_by_its_colours(tmp_path: Path) -> None:
    colours = np.array(list(COLOURS.values()), dtype=np.uint8)
    rng = np.random.default_rng(0)
    names = [*TRAIN, *VAL, *TEST]
    for name in names:
        for where, suffix in (("701_StillsRaw_full", ""), ("LabeledApproved_full", "_L")):
            folder = tmp_path / "camvid" / where
            folder.mkdir(parents=True, exist_ok=True)
            pixels = colours[rng.integers(0, 32, (40, 60))]
            Image.fromarray(pixels).save(folder / f"{name}{suffix}.png")
    data = camvid(tmp_path)
    assert data.counts["search"] == 3
    assert data.images("train")[1].shape == (4, 40, 60)


def test_what_is_downloaded_has_the_labels_of_the_original_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    colours = np.array(list(COLOURS.values()), dtype=np.uint8)
    rng = np.random.default_rng(0)
    for name in [*TRAIN, *VAL, *TEST]:
        image = rng.integers(0, 256, (40, 60, 3), dtype=np.uint8)
        indices = rng.integers(0, 32, (40, 60), dtype=np.uint8)
        for path, pixels in {
            f"original/camvid/701_StillsRaw_full/{name}.png": image,
            f"original/camvid/LabeledApproved_full/{name}_L.png": colours[indices],
            f"published/camvid/images/{name}.png": image,
            f"published/camvid/labels/{name}_P.png": indices,
        }.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(tmp_path / path)
    archive = tmp_path / "camvid.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tmp_path / "published" / "camvid", arcname="camvid")
    checksum = hashlib.md5(archive.read_bytes(), usedforsecurity=False).hexdigest()
    monkeypatch.setattr(module, "URL", archive.as_uri())
    monkeypatch.setattr(module, "ARCHIVE_MD5", checksum)
    fetched = camvid(tmp_path / "empty", download=True)
    original = camvid(tmp_path / "original")
    for data in (fetched, original):
        data.open_test()
    for split in SPLITS:
        for one, other in zip(fetched.images(split), original.images(split), strict=True):
            assert torch.equal(one, other)


def rewrite(segnet: Path, where: str, pixels: np.ndarray) -> None:
    Image.fromarray(pixels.astype(np.uint8)).save(segnet / "camvid" / where / f"{TRAIN[0]}.png")


def test_wrong_input_is_refused_with_one_line_each(segnet: Path) -> None:
    whole = np.zeros((72, 96))
    rewrite(segnet, "trainannot", whole + 12)
    with pytest.raises(DataError, match=rf"trainannot/{TRAIN[0]}\.png has the label 12"):
        camvid(segnet).setup()
    rewrite(segnet, "trainannot", whole[:70])
    with pytest.raises(DataError, match=r"72 x 96 pixels and .* 70 x 96: an image and its labels"):
        camvid(segnet).setup()
    (segnet / "camvid" / "trainannot" / f"{TRAIN[0]}.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=rf"cannot read .*trainannot/{TRAIN[0]}\.png"):
        camvid(segnet).setup()
    (segnet / "camvid" / "trainannot" / f"{TRAIN[0]}.png").unlink()
    with pytest.raises(DataError, match=rf"{TRAIN[0]}\.png is missing"):
        camvid(segnet).setup()


def test_label_images_of_different_sizes_are_refused(segnet: Path) -> None:
    rewrite(segnet, "train", np.zeros((80, 96, 3)))
    rewrite(segnet, "trainannot", np.zeros((80, 96)))
    with pytest.raises(DataError, match="label images differ in size"):
        camvid(segnet).setup()


def test_missing_data_say_where_they_were_looked_for(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"CamVid is not in {tmp_path}/camvid; expected are"):
        camvid(tmp_path).setup()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input_size": (31, 64)}, r"data.input_size=\[31, 64\] must be height and width, 32 or"),
        ({"input_size": (64,)}, r"data.input_size=\[64\] must be height and width"),
        ({"held_out_share": 0}, "data.held_out_share=0 must be above 0 and below 1"),
        ({"validation_step": 0}, "data.validation_step=0 must be 1 or more"),
    ],
)
def test_wrong_settings_are_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        camvid(tmp_path, **changes)
