"""Penn-Fudan: pedestrians in street scenes, every one with a box (Wang et al. 2007)."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, final

import numpy as np

from gensynth.data.augmentation import Augmentation
from gensynth.data.boxed_images import BoxedImage, BoxedImages, lines_of
from gensynth.data.boxes import Kind
from gensynth.data.data_module import Facts
from gensynth.data.input_size import checked_size
from gensynth.data.normalisation import IMAGENET_DEVIATION, IMAGENET_MEAN
from gensynth.data.partition import Split, dealt, stratified_order
from gensynth.data.presence import PENN_FUDAN_FOLDER, present
from gensynth.errors import ConfigurationError, DataError

Added = Literal["ignored", "objects"]
ADDED = ("ignored", "objects")
ADDED_LIST = "added-object-list.txt"

SPLITS: Mapping[Split, int] = {"train": 80, "search": 20, "confirm": 20, "test": 50}
IMAGES = sum(SPLITS.values())
SPLIT_SEED = 170
ADDED_OBJECTS = 78

COUNT = re.compile(r"Objects with ground truth : (\d+)\b")
BOX = re.compile(
    r"Bounding box for object (\d+) .*: \((-?\d+), (-?\d+)\) - \((-?\d+), (-?\d+)\)\s*$"
)


@final
class PennFudan(BoxedImages):
    """170 images with 345 pedestrians, and 78 small or hidden ones that were added later.

    There is no official division; this one deals the images of both cities to every split in
    proportion.

    Args:
        data_dir: folder that holds `PennFudanPed/`; `~` is expanded.
        input_size: height and width that networks read, 32 or more each.
        added: what the 78 added pedestrians are: `ignored`, or `objects` like the others.
        cache_dir: folder that keeps decoded images; null decodes them every time.
        augmentation: of train images.

    Raises:
        ConfigurationError: a value is outside its range.
    """

    licence = (
        "its authors state no licence and retain all rights: no reposting without their permission;"
        " for research, cite Wang et al. 2007"
    )

    def __init__(
        self,
        *,
        data_dir: str | Path,
        input_size: Sequence[int],
        added: Added,
        cache_dir: str | Path | None,
        augmentation: Augmentation,
    ) -> None:
        height, width = checked_size(input_size)
        if added not in ADDED:
            raise ConfigurationError(f"data.added={added} must be one of {', '.join(ADDED)}")
        folder = Path(data_dir).expanduser() / PENN_FUDAN_FOLDER
        super().__init__(
            Facts(
                "penn_fudan",
                (3, height, width),
                ("pedestrian",),
                IMAGENET_MEAN,
                IMAGENET_DEVIATION,
            ),
            folder,
            augmentation=augmentation,
            cache_dir=cache_dir,
        )
        self._added = Kind.IGNORED if added == "ignored" else Kind.OBJECT

    def prepare_data(self) -> None:
        """Make sure that the files are there.

        Raises:
            DataError: they are not.
        """
        if not present(self.name, self._folder.parent):
            raise DataError(_not_found(self._folder.absolute()))

    def training_images(self) -> Mapping[Split, Sequence[BoxedImage]]:
        """Return what train, search and confirm consist of."""
        splits: tuple[Split, ...] = ("train", "search", "confirm")
        return {split: self._split_images(split) for split in splits}

    def test_images(self) -> Sequence[BoxedImage]:
        """Return what the test split consists of."""
        return self._split_images("test")

    def expected_test_images(self, training_images: int) -> int:
        """Return 50."""
        del training_images
        return SPLITS["test"]

    def _split_images(self, split: Split) -> list[BoxedImage]:
        added = _added_objects(self._folder / ADDED_LIST)
        return [self._image(name, added) for name in self._names(split)]

    def _names(self, split: Split) -> list[str]:
        """Return the names of a split's images; none of their files is read."""
        names = sorted(path.stem for path in (self._folder / "Annotation").glob("*.txt"))
        if len(names) != IMAGES:
            raise DataError(
                f"{self._folder / 'Annotation'} holds {len(names)} annotations, the published set "
                f"{IMAGES}: unpack it anew"
            )
        cities = np.array([name.startswith("Penn") for name in names], dtype=np.int64)
        order = stratified_order(cities, SPLIT_SEED)
        return [names[index] for index in dealt(order, SPLITS, split)]

    def _image(self, name: str, added: frozenset[tuple[str, int]]) -> BoxedImage:
        path = self._folder / "Annotation" / f"{name}.txt"
        lines = lines_of(path)
        told = [int(found[1]) for found in map(COUNT.match, lines) if found is not None]
        objects, late = [], {index for image, index in added if image == name}
        for line in lines:
            found = BOX.match(line)
            if found is not None:
                index, left, top, right, bottom = (int(text) for text in found.groups())
                kind = self._added if index in late else Kind.OBJECT
                late.discard(index)
                # Published corners count from 1, and the last ones belong to the box.
                objects.append((left - 1.0, top - 1.0, right, bottom, 0, kind))
        if told != [len(objects)]:
            raise DataError(
                f"{path} has {len(objects)} boxes where its own count is {told or 'missing'}: "
                "unpack the set anew"
            )
        if late:
            raise DataError(
                f"{self._folder / ADDED_LIST} names object {min(late)} of {name}, which {path} has "
                "not: unpack the set anew"
            )
        return BoxedImage(self._folder / "PNGImages" / f"{name}.png", tuple(objects), str(path))


def _added_objects(path: Path) -> frozenset[tuple[str, int]]:
    rows = [line.split() for line in lines_of(path) if line.strip() and not line.startswith("#")]
    try:
        found = frozenset((Path(name).stem, int(index)) for name, index in rows)
    except ValueError as error:
        raise DataError(f"{path} is no list of image names and object numbers: {error}") from error
    if len(found) != ADDED_OBJECTS:
        raise DataError(
            f"{path} names {len(found)} objects, the published list {ADDED_OBJECTS}: unpack the "
            "set anew"
        )
    return found


def _not_found(folder: Path) -> str:
    own = folder.name
    return (
        f"Penn-Fudan is not in {folder}; expected are {own}/PNGImages, {own}/Annotation and "
        f"{own}/{ADDED_LIST}, as unpacked from PennFudanPed.zip of "
        "https://www.cis.upenn.edu/~jshi/ped_html; set data_dir=<folder that holds "
        f"{own}/> or GENSYNTH_DATA=<folder>, or data=boxed_scenes, which needs no files"
    )
