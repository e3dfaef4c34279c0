"""Decoded once, kept whole, made anew when a file changes."""

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gensynth.data.decoded import Arrays, Decoded, identity, pixels, side_lengths
from gensynth.errors import DataError


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)).save(path)
    return path


class Counting:
    """Decodes to the number of times it was asked."""

    calls = 0

    def __call__(self) -> Arrays:
        self.calls += 1
        return np.full((2, 3), self.calls, np.uint8), np.zeros((2, 1), np.uint8)


def header(contents: bytes) -> bytes:
    """Return a PNG file's first chunk."""
    chunk = b"IHDR" + contents
    return struct.pack(">I", len(contents)) + chunk + struct.pack(">I", zlib.crc32(chunk))


def test_files_are_decoded_once_until_one_changes(tmp_path: Path, photograph: Path) -> None:
    decode = Counting()
    for _ in range(2):  # another process would come with an object of its own
        images, labels = Decoded(tmp_path / "kept").arrays(["set", 1], [photograph], decode)
    assert decode.calls == 1
    np.testing.assert_array_equal(images, np.ones((2, 3)))
    assert labels.shape == (2, 1)
    Decoded(tmp_path / "kept").arrays(["set", 2], [photograph], decode)
    os.utime(photograph, ns=(1, 1))
    Decoded(tmp_path / "kept").arrays(["set", 1], [photograph], decode)
    assert decode.calls == 3


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path, photograph: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    decoded = Decoded(tmp_path / "file" / "cache")
    with pytest.raises(DataError, match=r"data\.cache_dir: cannot write to .*file/cache"):
        decoded.arrays(None, [photograph], lambda: (np.zeros(1, np.uint8), np.zeros(1)))


def test_without_a_folder_nothing_is_kept(tmp_path: Path, photograph: Path) -> None:
    decode = Counting()
    for _ in range(2):
        Decoded(None).arrays([], [photograph], decode)
    assert decode.calls == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png"]


def test_pixels_are_read_as_they_are_or_resized(photograph: Path) -> None:
    whole = pixels(photograph, "RGB")
    assert whole.shape == (6, 8, 3)
    assert side_lengths(photograph) == (6, 8)
    halved = pixels(photograph, "RGB", (3, 4))
    assert halved.shape == (3, 4, 3)
    assert abs(float(halved.mean()) - float(whole.mean())) < 5


def test_indexed_colours_are_numbers(tmp_path: Path) -> None:
    labels = np.array([[0, 3], [11, 7]], dtype=np.uint8)
    image = Image.fromarray(labels, mode="P")
    image.putpalette([255 - i for i in range(256) for _ in range(3)])
    image.save(tmp_path / "labels.png")
    np.testing.assert_array_equal(pixels(tmp_path / "labels.png", "L"), labels)


@pytest.mark.parametrize(
    "contents",
    [
        b"\x89PNG\r\n\x1a\nnothing",
        b"\x89PNG\r\n\x1a\n" + header(b"\x00\x00\x00\x08"),
        b"\x89PNG\r\n\x1a\n" + header(struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)),
    ],
    ids=["no chunks", "short header", "too many pixels"],
)
def test_a_file_that_is_no_image_is_named(tmp_path: Path, contents: bytes) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(contents)
    for read in (lambda: pixels(path, "RGB"), lambda: side_lengths(path)):
        with pytest.raises(DataError, match=r"cannot read .*broken\.png"):
            read()


def test_identity_is_of_contents_and_shape() -> None:
    a = np.arange(6, dtype=np.uint8)
    assert identity(a.reshape(2, 3)) == identity(a.reshape(2, 3).copy())
    assert identity(a.reshape(2, 3)) != identity(a.reshape(3, 2))
    assert identity(a.reshape(2, 3)) != identity((a + 1).reshape(2, 3))
