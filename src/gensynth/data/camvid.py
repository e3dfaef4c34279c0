"""CamVid: frames from a driving car, every pixel labelled (Brostow et al. 2009)."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray

from gensynth.data.camvid_files import (
    Frame,
    ends_held_out,
    frames,
    listed,
    sequences_held_out,
)
from gensynth.data.camvid_labels import CLASSES
from gensynth.data.data_module import Contents, Facts, ImageData, Labelled
from gensynth.data.decoded import Arrays, Decoded, identity, pixels, side_lengths
from gensynth.data.download import fetch, unpack_all
from gensynth.data.input_size import checked_size
from gensynth.data.normalisation import IMAGENET_DEVIATION, IMAGENET_MEAN
from gensynth.data.partition import Split
from gensynth.data.presence import CAMVID_FOLDER, present
from gensynth.data.warp import Warp
from gensynth.errors import ConfigurationError, DataError

URL = "https://s3.amazonaws.com/fast-ai-imagelocal/camvid.tgz"
ARCHIVE_MD5 = "648371e4f3a833682afb39b08a3ce2aa"
TEST_FRAMES = 233


@final
class CamVid(ImageData):
    """701 frames with 11 classes, divided as SegNet's lists do; labels keep their own resolution.

    Held out are the end of every training sequence and the validation list, a clip of seven
    seconds; of each, the earlier half is `search` and the later one `confirm`. Neighbouring frames
    are near copies, so parts of sequences are held out and not frames of them, and the clip's
    frames, 15 a second, are thinned out. Most test frames come from another sequence, the others
    from a later part of one; what is lost on sequences that nothing was learned from shows where
    whole ones are held out instead, which leaves fewer frames to learn from.

    Args:
        data_dir: folder that holds `camvid/` in one of three layouts; `~` is expanded.
        download: fetch a published release (720 x 960, 599 MB) when files are missing.
        input_size: height and width that networks read, 32 or more each.
        held_out_share: share of every training sequence that is held out.
        validation_step: of the validation list every so many-th frame is read.
        held_out_sequences: names of the training and validation lists' sequences that are held out
            whole; all other frames that are read are trained on then. Empty: parts of all are held
            out, as above.
        cache_dir: folder that keeps decoded images; null decodes them every time.
        augmentation: of train images.

    Raises:
        ConfigurationError: a value is outside its range.
    """

    labelled: ClassVar[Labelled] = "pixel"
    licence = (
        "its authors state no licence; for research, cite Brostow et al. 2009 (the copy that"
        " SegNet's authors give out is for personal and research use, CC BY-NC 4.0)"
    )
    preparation = "resized bilinearly (Pillow's, every pixel counted), each side on its own"

    def __init__(  # noqa: PLR0913 - one parameter per key of conf/data/camvid.yaml
        self,
        *,
        data_dir: str | Path,
        download: bool,
        input_size: Sequence[int],
        held_out_share: float,
        validation_step: int,
        held_out_sequences: Sequence[str] = (),
        cache_dir: str | Path | None,
        augmentation: Warp,
    ) -> None:
        height, width = checked_size(input_size)
        if not 0 < held_out_share < 1:
            raise ConfigurationError(
                f"data.held_out_share={held_out_share} must be above 0 and below 1"
            )
        if validation_step < 1:
            raise ConfigurationError(f"data.validation_step={validation_step} must be 1 or more")
        names = held_out_sequences
        if isinstance(names, str | None) or not all(isinstance(one, str) for one in names):
            raise ConfigurationError(
                f"data.held_out_sequences={names} must be a list of names, in a file within quotes:"
                " ['0016E5'] (without them it is a number)"
            )
        facts = Facts("camvid", (3, height, width), CLASSES, IMAGENET_MEAN, IMAGENET_DEVIATION)
        super().__init__(facts, partition=None, augmentation=augmentation)
        self._folder = Path(data_dir).expanduser() / CAMVID_FOLDER
        self._download = download
        self._held_out_share, self._validation_step = held_out_share, validation_step
        self._held_out_sequences = frozenset(names)
        self._decoded = Decoded(None if cache_dir is None else Path(cache_dir).expanduser())

    def prepare_data(self) -> None:
        """Make sure that the files are there; download them if that was asked for.

        Raises:
            DataError: files are missing, or the download failed.
        """
        if present(self.name, self._folder.parent):
            return
        if not self._download:
            raise DataError(_not_found(self._folder.absolute()))
        archive = self._folder.parent / URL.rpartition("/")[2]
        fetch(URL, archive, md5=ARCHIVE_MD5)
        unpack_all(archive, self._folder.parent)

    def read_training(self) -> Contents:
        """Read the frames of the training and validation lists.

        Raises:
            ConfigurationError: a sequence that is to be held out is none of theirs, or all are.
            DataError: a file is missing or damaged, or a label is none.
        """
        train = frames(self._folder, "train")
        clip = frames(self._folder, "val")[:: self._validation_step]
        images, labels = self._arrays([*train, *clip])
        if self._held_out_sequences:
            chosen = sequences_held_out([*train, *clip], self._held_out_sequences)
        else:
            chosen = ends_held_out(train, clip, self._held_out_share)
        held, later = map(np.array, chosen)
        kept_back = np.flatnonzero(held)
        division: dict[Split, NDArray[np.int64]] = {
            "train": np.flatnonzero(~held),
            "search": kept_back[~later],
            "confirm": kept_back[later],
        }
        return Contents(images, labels, identity(images, labels, held[None], later[None]), division)

    def read_test(self) -> Contents:
        """Read the frames of the test list.

        Raises:
            DataError: a file is missing or damaged, or a label is none.
        """
        images, labels = self._arrays(frames(self._folder, "test"))
        return Contents(images, labels, identity(images, labels))

    def expected_test_images(self, training_images: int) -> int:
        """Return the number of names in the test list, or the published number without one."""
        del training_images
        there = (self._folder / "test.txt").is_file()
        return len(listed(self._folder, "test")) if there else TEST_FRAMES

    def _arrays(self, found: Sequence[Frame]) -> Arrays:
        size = self.input_shape[1:]
        files = [path for frame in found for path in (frame.image, frame.labels)]
        return self._decoded.arrays(["camvid", 1, *size], files, partial(_decode, found, size))


def _decode(found: Sequence[Frame], size: tuple[int, int]) -> Arrays:
    images, labels = [], []
    for frame in found:
        of_image, of_labels = side_lengths(frame.image), side_lengths(frame.labels)
        if of_image != of_labels:
            raise DataError(
                f"{frame.image} has {of_image[0]} x {of_image[1]} pixels and {frame.labels} "
                f"{of_labels[0]} x {of_labels[1]}: an image and its labels have one size"
            )
        mode = "RGB" if frame.coloured else "L"
        images.append(pixels(frame.image, "RGB", size))
        labels.append(frame.decode(pixels(frame.labels, mode), str(frame.labels)))
    shapes = {one.shape for one in labels}
    if len(shapes) > 1:
        raise DataError(f"{found[0].labels.parent}: label images differ in size: {sorted(shapes)}")
    return np.stack(images), np.stack(labels)


def _not_found(folder: Path) -> str:
    own = folder.name
    return (
        f"CamVid is not in {folder}; expected are {own}/train, trainannot, train.txt and the "
        f"same of val and test (SegNet's layout), or {own}/701_StillsRaw_full and "
        f"LabeledApproved_full (the original release), or {own}/images and labels (fast.ai's); "
        f"set data_dir=<folder that holds {own}/> or GENSYNTH_DATA=<folder>, or "
        "data.download=true to fetch a release (599 MB), or "
        "data=scenes, which needs no files"
    )
