"""CIFAR-10 from its official python batches (Krizhevsky 2009), read without running a pickle."""

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from gensynth.data.augmentation import Augmentation
from gensynth.data.data_module import Contents, Facts, ImageData
from gensynth.data.download import fetch, unpack
from gensynth.data.partition import Partition
from gensynth.data.presence import CIFAR10_FOLDER, CIFAR10_TEST, CIFAR10_TRAINING, missing
from gensynth.data.restricted_pickle import load_dictionary
from gensynth.errors import DataError

log = logging.getLogger(__name__)

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
ARCHIVE_MD5 = "c58f30108f718f92721af3b95e74349a"
OFFICIAL_MD5 = {
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
}
FACTS = Facts(
    name="cifar10",
    input_shape=(3, 32, 32),
    classes=(
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ),
    mean=(0.49140, 0.48216, 0.44653),
    std=(0.24703, 0.24349, 0.26159),
)


@final
class Cifar10(ImageData):
    """60,000 colour photographs of 10 classes, 32 x 32; 10,000 of them are the test split.

    Args:
        data_dir: folder that holds `cifar-10-batches-py/`; `~` is expanded.
        download: fetch the official release when files are missing.
        search_images: images of the search split.
        confirm_images: images of the confirm split.
        split_seed: of the division into train, search and confirm.
        train_images: train on only so many of the remaining images, or None for all.
        augmentation: of train images.
    """

    licence = "its authors state no licence; for research, cite Krizhevsky 2009"
    preparation = "colour photographs of 32 x 32, as they are published"

    def __init__(
        self,
        *,
        data_dir: str | Path,
        download: bool,
        search_images: int,
        confirm_images: int,
        split_seed: int,
        train_images: int | None,
        augmentation: Augmentation,
    ) -> None:
        partition = Partition(
            search_images=search_images,
            confirm_images=confirm_images,
            train_images=train_images,
            seed=split_seed,
        )
        super().__init__(FACTS, partition=partition, augmentation=augmentation)
        self._data_dir = Path(data_dir).expanduser()
        self._download = download

    def prepare_data(self) -> None:
        """Make sure that the files are there; download what is missing if that was asked for.

        Raises:
            DataError: files are missing, or the download failed.
        """
        absent = missing(self.name, self._data_dir)
        if not absent:
            return
        if not self._download:
            raise DataError(_not_found(self._data_dir.absolute(), absent))
        archive = self._data_dir / URL.rpartition("/")[2]
        fetch(URL, archive, md5=ARCHIVE_MD5)
        unpack(archive, absent, self._data_dir)

    def read_training(self) -> Contents:
        """Read the five training batches.

        Raises:
            DataError: one is missing or damaged, or wants to run something.
        """
        return _read(self._data_dir / CIFAR10_FOLDER, CIFAR10_TRAINING)

    def read_test(self) -> Contents:
        """Read the test batch.

        Raises:
            DataError: it is missing or damaged, or wants to run something.
        """
        return _read(self._data_dir / CIFAR10_FOLDER, (CIFAR10_TEST,))

    def expected_test_images(self, training_images: int) -> int:
        """Return the size of one batch: the release has five for training, one for test."""
        return training_images // len(CIFAR10_TRAINING)


def _not_found(data_dir: Path, absent: Sequence[str]) -> str:
    inside = data_dir.name == CIFAR10_FOLDER
    hint = f" (did you mean data_dir={data_dir.parent}?)" if inside else ""
    return (
        f"CIFAR-10 is not in {data_dir}: there is no {absent[0]}"
        f"{f' and {len(absent) - 1} more' if len(absent) > 1 else ''}{hint}; expected are "
        f"<data_dir>/{CIFAR10_FOLDER}/data_batch_1 .. data_batch_5 and test_batch; set "
        f"data_dir=<folder> or GENSYNTH_DATA=<folder>, or data.download=true to fetch it (170 MB), "
        f"or data=digits, which needs no files"
    )


def _read(folder: Path, names: Sequence[str]) -> Contents:
    """Read and join batches; their md5s are the identity of the contents."""
    images, targets, checksums = [], [], []
    for name in names:
        path = folder / name
        try:
            payload = path.read_bytes()
        except OSError as error:
            raise DataError(f"cannot read {path} ({error.strerror}); {_FETCH}") from error
        checksums.append(hashlib.md5(payload, usedforsecurity=False).hexdigest())
        pixels, labels = _batch(payload, path, checksums[-1])
        images.append(pixels)
        targets.append(labels)
    other = [n for n, md5 in zip(names, checksums, strict=True) if md5 != OFFICIAL_MD5[n]]
    if other:
        log.warning("%s: not the official CIFAR-10 (md5): %s", folder, ", ".join(other))
    stacked = np.concatenate(images).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return Contents(np.ascontiguousarray(stacked), np.concatenate(targets), " ".join(checksums))


_FETCH = "delete it and set data.download=true to fetch the official file"


def _batch(payload: bytes, path: Path, md5: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return (n, 3072) pixels and (n,) labels of a batch file."""
    advice = f"its md5 is {md5}, the official file's {OFFICIAL_MD5[path.name]}; {_FETCH}"
    content = load_dictionary(payload, source=str(path), advice=advice)
    pixels, labels = content.get(b"data"), _labels(content.get(b"labels"))
    if not (
        isinstance(pixels, np.ndarray)
        and pixels.dtype == np.uint8
        and pixels.ndim == 2
        and pixels.shape[1] == 3072
        and len(pixels)
    ):
        raise DataError(f"{path}: b'data' is no (n, 3072) array of uint8; {advice}")
    if labels is None or labels.shape != (len(pixels),):
        raise DataError(f"{path}: b'labels' is no list of {len(pixels)} classes 0..9; {advice}")
    return pixels, labels


def _labels(values: Any) -> NDArray[np.int64] | None:
    """Return class indices, or None if these are none."""
    if isinstance(values, np.ndarray):
        values = values.tolist()
    if not isinstance(values, list) or any(type(one) is not int for one in values):
        return None
    return np.array(values, np.int64) if all(0 <= one < 10 for one in values) else None
