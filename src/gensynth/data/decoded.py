"""Images and their targets decoded once: arrays in files, shared by all processes and runs."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, final

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray
from PIL import Image

from gensynth.errors import DataError

UNREADABLE = OSError, SyntaxError, ValueError, Image.DecompressionBombError
"""What Pillow raises of files that it cannot read."""

Arrays = tuple[NDArray[np.uint8], NDArray[Any]]
"""Images, and their label maps or objects."""


@final
class Decoded:
    """Keeps what was decoded under a name that stands for the files it was made of.

    Args:
        folder: of the files; null keeps nothing and decodes every time.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def arrays(
        self, settings: object, files: Sequence[Path], decode: Callable[[], Arrays]
    ) -> Arrays:
        """Return images and labels, read-only and mapped from files where they are kept.

        Args:
            settings: what else than the files decides the result, as JSON values.
            files: what is decoded; other sizes or times of change mean other contents.
            decode: makes the arrays.

        Raises:
            DataError: the folder cannot be written to.
        """
        if self._folder is None:
            return decode()
        folder = self._folder / _name(settings, files)
        paths = [folder / "images.npy", folder / "labels.npy"]
        if not all(path.exists() for path in paths):
            self._keep(paths, decode)
        images, labels = (np.load(path, mmap_mode="r", allow_pickle=False) for path in paths)
        return images, labels

    def _keep(self, paths: Sequence[Path], decode: Callable[[], Arrays]) -> None:
        folder = paths[0].parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with FileLock(folder / ".lock"):
                if not all(path.exists() for path in paths):
                    for path, array in zip(paths, decode(), strict=True):
                        _write_whole(path, array)
        except OSError as error:
            raise DataError(
                f"data.cache_dir: cannot write to {folder} ({error}); set data.cache_dir=<a folder "
                "with room>, or null to decode every time"
            ) from error


def pixels(path: Path, mode: str, size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """Return an image's pixels.

    Args:
        path: of the image.
        mode: Pillow's: `RGB` for colours, `L` for one number per pixel.
        size: height and width to resize to, with every pixel counted; None: as it is.

    Raises:
        DataError: it cannot be read.
    """
    try:
        with Image.open(path) as image:
            # Indexed colours are labels: their numbers count, not what they look like.
            one = image if image.mode in (mode, "P") and mode == "L" else image.convert(mode)
            if size is not None and one.size != (size[1], size[0]):
                one = one.resize((size[1], size[0]), Image.Resampling.BILINEAR)
            return np.array(one, dtype=np.uint8)
    except UNREADABLE as error:
        raise DataError(f"cannot read {path} ({error}); replace the file") from error


def side_lengths(path: Path) -> tuple[int, int]:
    """Return an image's height and width without decoding it.

    Raises:
        DataError: it cannot be read.
    """
    try:
        with Image.open(path) as image:
            return image.height, image.width
    except UNREADABLE as error:
        raise DataError(f"cannot read {path} ({error}); replace the file") from error


def identity(*arrays: NDArray[Any]) -> str:
    """Return the SHA-256 (hex) of arrays' contents."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(str((array.shape, array.dtype)).encode())
        for part in array:
            digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


def _name(settings: object, files: Sequence[Path]) -> str:
    stats = [(str(file), (stat := file.stat()).st_size, stat.st_mtime_ns) for file in files]
    return hashlib.sha256(json.dumps([settings, stats]).encode()).hexdigest()[:16]


def _write_whole(path: Path, array: NDArray[Any]) -> None:
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.save(file, array, allow_pickle=False)
    part.replace(path)
