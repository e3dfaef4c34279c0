"""Which files CamVid consists of, in each of the three layouts it is given out in.

- SegNet: `{train,val,test}/`, `{train,val,test}annot/` with indices of 11 classes, and lists
  `{train,val,test}.txt`; 360 x 480.
- original: `701_StillsRaw_full/` and `LabeledApproved_full/` with colours; 720 x 960.
- fast.ai: `images/` and `labels/` with indices of 32 classes; 720 x 960.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Literal, final

import numpy as np
from numpy.typing import NDArray

from gensynth.data.camvid_labels import of_colours, of_eleven, of_thirty_two
from gensynth.errors import ConfigurationError, DataError

Part = Literal["train", "val", "test"]
Decoder = Callable[[NDArray[np.uint8], str], NDArray[np.uint8]]


@final
@dataclass(frozen=True, slots=True)
class Frame:
    """One labelled frame.

    Args:
        name: sequence and time, e.g. `0001TP_006690`.
        image: path of the image.
        labels: path of its label image.
        coloured: whether labels are colours, and not one number per pixel.
        decode: from the label image's pixels to the 11 classes.
    """

    name: str
    image: Path
    labels: Path
    coloured: bool
    decode: Decoder

    @property
    def sequence(self) -> str:
        """The film it was taken from: CamVid names four."""
        return self.name.partition("_")[0]


@final
@dataclass(frozen=True, slots=True)
class Layout:
    """Where one way of giving CamVid out keeps images and labels.

    Args:
        name: of the layout.
        images: folder.
        labels: folder.
        suffix: between a frame's name and `.png` in the label image's name.
        coloured: see `Frame`.
        decode: of the label images.
    """

    name: str
    images: str
    labels: str
    suffix: str
    coloured: bool
    decode: Decoder

    def frame(self, folder: Path, image: Path) -> Frame:
        """Return an image of this layout with its labels."""
        labels = folder / self.labels / f"{image.stem}{self.suffix}.png"
        return Frame(image.stem, image, labels, self.coloured, self.decode)


UNDIVIDED = (
    Layout("original", "701_StillsRaw_full", "LabeledApproved_full", "_L", True, of_colours),
    Layout("fast.ai", "images", "labels", "_P", False, of_thirty_two),
)


def frames(folder: Path, part: Part) -> list[Frame]:
    """Return the frames of a part, by name.

    Raises:
        DataError: no layout is there, or a part is empty, or a file is missing.
    """
    if (folder / "train.txt").is_file():
        found = _listed(folder, part)
    else:
        found = _undivided(folder, part)
    if not found:
        raise DataError(f"{folder}: no frames for {part}; delete the folder and lay it out anew")
    for frame in found:
        for path in (frame.image, frame.labels):
            if not path.is_file():
                raise DataError(f"{path} is missing; {frame.name} is listed for {part}")
    return sorted(found, key=lambda frame: frame.name)


def listed(folder: Path, part: Part) -> list[str]:
    """Return the file names in a part's list.

    Raises:
        DataError: it cannot be read, or there are none.
    """
    listing = folder / f"{part}.txt"
    try:
        lines = listing.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {listing}: {error}") from error
    # The published lists name places on their authors' machine; only the names hold here.
    names = [Path(line.split()[0]).name for line in lines if line.strip()]
    if not names:
        raise DataError(f"{listing} lists no frames")
    return names


def _listed(folder: Path, part: Part) -> list[Frame]:
    names = listed(folder, part)
    images, labels = folder / part, folder / f"{part}annot"
    return [Frame(Path(n).stem, images / n, labels / n, False, of_eleven) for n in names]


def _undivided(folder: Path, part: Part) -> list[Frame]:
    for one in UNDIVIDED:
        images = sorted((folder / one.images).glob("*.png"))
        if images:
            return [one.frame(folder, path) for path in images if part_of(path.stem) == part]
    return []


def part_of(name: str) -> Part:
    """Return where a frame of the 701 belongs in the division that SegNet's lists give.

    367 train (62 of 0001TP, 0006R0, 204 of 0016E5), 101 val (the 15 Hz clip of 0016E5), 233 test
    (the other 62 of 0001TP, Seq05VD).

    Raises:
        DataError: the name is none of CamVid's.
    """
    sequence, _, time = name.partition("_")
    digits = time.lstrip("f")
    if not digits.isdigit():
        raise DataError(f"{name!r} is no name of a CamVid frame, such as 0001TP_006690")
    number = int(digits)
    if sequence == "Seq05VD" or (sequence == "0001TP" and number > 8520):
        return "test"
    return "val" if sequence == "0016E5" and 7959 <= number <= 8159 else "train"


def ends_held_out(
    train: Sequence[Frame], clip: Sequence[Frame], share: float
) -> tuple[list[bool], list[bool]]:
    """Return which frames are held out, train first, and which of those are in a later half.

    They are the last `share` of every train sequence, at least one frame, and the whole clip, which
    is halved by itself. Neighbouring frames are near copies, so a part of a sequence is held out
    and not frames of it.
    """
    by_sequence: dict[str, list[int]] = {}
    for index, frame in enumerate(train):
        by_sequence.setdefault(frame.sequence, []).append(index)
    ends = {
        index
        for members in by_sequence.values()
        for index in members[-max(1, round(share * len(members))) :]
    }
    held = [index in ends for index in range(len(train))]
    later = [*later_half(list(compress(train, held))), *later_half(clip)]
    return [*held, *(True for _ in clip)], later


def sequences_held_out(
    found: Sequence[Frame], names: Collection[str]
) -> tuple[list[bool], list[bool]]:
    """Return which frames are of these sequences, and which of those are in the later half of one.

    Raises:
        ConfigurationError: a sequence is not among the frames', or no other is.
    """
    there = sorted({frame.sequence for frame in found})
    for name in sorted(names):
        if name not in there:
            raise ConfigurationError(
                f"data.held_out_sequences: {name!r} is no sequence of the training and validation"
                f" lists; there are {', '.join(map(repr, there))}"
            )
    if set(there) <= set(names):
        raise ConfigurationError(
            f"data.held_out_sequences={sorted(names)} leaves nothing to learn from: leave out one"
            " of them"
        )
    held = [frame.sequence in names for frame in found]
    return held, later_half(list(compress(found, held)))


def later_half(found: Sequence[Frame]) -> list[bool]:
    """Return which frames are in the later half of their sequence, rounded down."""
    total = Counter(frame.sequence for frame in found)
    before: Counter[str] = Counter()
    later = []
    for frame in found:
        earlier = total[frame.sequence] - total[frame.sequence] // 2
        later.append(before[frame.sequence] >= earlier)
        before[frame.sequence] += 1
    return later
