"""Files with boxes: fitted into the frame with their boxes, and refused in one line."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import final

import numpy as np
import pytest
from PIL import Image

from gensynth.data.boxed_images import PADDING, BoxedImage, BoxedImages, decoded
from gensynth.data.boxes import Kind
from gensynth.data.data_module import Facts
from gensynth.data.jitter import Jitter
from gensynth.data.partition import Split
from gensynth.errors import DataError

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


def write(folder: Path, name: str, size: tuple[int, int], *boxes: tuple[float, ...]) -> BoxedImage:
    """Write a black image with white boxes."""
    pixels = np.zeros((*size, 3), dtype=np.uint8)
    for left, top, right, bottom in boxes:
        pixels[int(top) : int(bottom), int(left) : int(right)] = 255
    Image.fromarray(pixels).save(folder / name)
    objects = tuple((*box, 0, Kind.OBJECT) for box in boxes)
    return BoxedImage(folder / name, objects, "boxes.txt")


@final
class Made(BoxedImages):
    """What a test has written."""

    def __init__(self, parts: Mapping[Split, Sequence[BoxedImage]], cache: Path | None) -> None:
        facts = Facts("made", (3, 32, 48), ("box",), (0.5,) * 3, (0.25,) * 3)
        super().__init__(facts, Path("folder"), augmentation=STILL, cache_dir=cache)
        self.parts = parts

    def training_images(self) -> Mapping[Split, Sequence[BoxedImage]]:
        return {split: self.parts[split] for split in ("train", "search", "confirm")}

    def test_images(self) -> Sequence[BoxedImage]:
        return self.parts["test"]

    def expected_test_images(self, training_images: int) -> int:
        return len(self.parts["test"])


@pytest.mark.parametrize("size", [(64, 64), (32, 96), (20, 30), (32, 48)])
def test_boxes_stay_on_what_they_are_around(tmp_path: Path, size: tuple[int, int]) -> None:
    height, width = size
    box = (width // 4, height // 4, width * 3 // 4, height * 3 // 4)
    images, objects = decoded([write(tmp_path, "a.png", size, box)], (32, 48))
    scale = min(32 / height, 48 / width)
    assert images.shape == (1, 32, 48, 3)
    np.testing.assert_allclose(objects[0, 0, :4], np.array(box) * scale, atol=0.6)
    rows, columns = np.nonzero((images[0, ..., 0] > 127) & (images[0, ..., 0] != PADDING))
    inside = rows < round(height * scale)
    drawn = [columns[inside].min(), rows[inside].min(), columns.max() + 1, rows[inside].max() + 1]
    np.testing.assert_allclose(objects[0, 0, :4], drawn, atol=1.01)
    assert (images[0, round(height * scale) :] == PADDING).all()
    assert (images[0, :, round(width * scale) :] == PADDING).all()


def test_a_box_that_sticks_out_is_cut(tmp_path: Path) -> None:
    one = write(tmp_path, "a.png", (32, 48), (4, 4, 20, 20))
    out = BoxedImage(one.path, ((-5.0, 10, 20, 40, 0, Kind.OBJECT),), "boxes.txt")
    assert decoded([out], (32, 48))[1][0, 0, :4].tolist() == [0, 10, 20, 32]


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ((10, 10, 10, 20), r"boxes.txt: the box \(10, 10, 10, 20\) of .*/a.png has no area"),
        ((10, 20, 20, 10), r"has no area; left and top must be less"),
        ((48, 0, 60, 9), r"lies outside the image, which is 48 wide and 32 high"),
        ((-9, 0, 0, 9), r"lies outside the image"),
        ((float("nan"), 0, 5, 9), r"has no area"),
    ],
)
def test_boxes_that_are_none_are_refused(
    tmp_path: Path, box: tuple[float, ...], message: str
) -> None:
    one = write(tmp_path, "a.png", (32, 48))
    wrong = BoxedImage(one.path, ((*box, 0, Kind.OBJECT),), "boxes.txt")
    with pytest.raises(DataError, match=message):
        decoded([wrong], (32, 48))


def parts(folder: Path) -> dict[Split, list[BoxedImage]]:
    box = (4, 4, 20, 20)
    return {
        "train": [write(folder, f"t{i}.png", (32, 48), box) for i in range(4)],
        "search": [write(folder, "s.png", (40, 40), box, box)],
        "confirm": [write(folder, "c.png", (40, 40)), write(folder, "d.png", (40, 40), box)],
        "test": [write(folder, "x.png", (40, 40), box)],
    }


def test_splits_hold_the_files_they_name_cached_or_not(tmp_path: Path) -> None:
    written = parts(tmp_path)
    plain, cached, again = (
        Made(written, cache) for cache in (None, tmp_path / "kept", tmp_path / "kept")
    )
    for data in (plain, cached, again):
        assert data.counts == {"train": 4, "search": 1, "confirm": 2, "test": 1}
        assert data.labelled == "box"
        assert data.digest == plain.digest
        np.testing.assert_array_equal(data.images("search")[1], plain.images("search")[1])
        assert data.images("confirm")[1][0].sum() == 0  # legal: an image without objects
        data.open_test()
        assert data.images("test")[1].shape[0] == 1
    other = Made({**written, "search": written["train"][:1]}, None)
    assert other.digest != plain.digest


def test_a_missing_file_and_nothing_to_learn_from_are_said(tmp_path: Path) -> None:
    written = parts(tmp_path)
    splits: list[Split] = ["train", "search", "confirm"]
    for split in splits:
        nothing = [BoxedImage(one.path, (), one.source) for one in written[split]]
        message = f"no object in the {len(nothing)} images of made that are the {split} split"
        with pytest.raises(DataError, match=message):
            Made({**written, split: nothing}, None).images("train")
    written["search"][0].path.unlink()
    with pytest.raises(DataError, match=r"s.png is missing; boxes.txt has boxes for it"):
        Made(written, None).images("train")
