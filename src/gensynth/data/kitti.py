"""Images of one's own with boxes, in the label format of KITTI (Geiger et al. 2012).

One text file per image, one line per object: type, truncation, occlusion, angle, then left, top,
right and bottom in pixels, and more that is not read.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn, final

import numpy as np

from gensynth.data.augmentation import Augmentation
from gensynth.data.boxed_images import BoxedImage, BoxedImages, lines_of
from gensynth.data.boxes import Kind
from gensynth.data.data_module import Facts
from gensynth.data.input_size import checked_size
from gensynth.data.normalisation import IMAGENET_DEVIATION, IMAGENET_MEAN
from gensynth.data.partition import Split, dealt, stratified_order
from gensynth.errors import ConfigurationError, DataError

ENDINGS = (".png", ".jpg", ".jpeg")
FIRST, LAST = 4, 8
"""Words of a line that are corners."""


@final
class Kitti(BoxedImages):
    """A folder of images and one of labels, dealt to the splits at random.

    Args:
        data_dir: folder that holds `folder`; `~` is expanded.
        folder: of the set; holds the two folders.
        images: folder of the images.
        labels: folder of their labels; an image without a file has no objects.
        classes: types that are to be found.
        ignored: types that are neither to be found nor wrong to find; all others are background.
        search_share: of the images for the search split, above 0.
        confirm_share: of the images for the confirm split, above 0.
        test_share: of the images for the test split, above 0; together below 1.
        split_seed: of the division.
        input_size: height and width that networks read, 32 or more each.
        cache_dir: folder that keeps decoded images; null decodes them every time.
        augmentation: of train images.

    Raises:
        ConfigurationError: a value is outside its range.
    """

    licence = "images of one's own: their owner's terms"

    def __init__(  # noqa: PLR0913 - one parameter per key of conf/data/kitti.yaml
        self,
        *,
        data_dir: str | Path,
        folder: str,
        images: str,
        labels: str,
        classes: Sequence[str],
        ignored: Sequence[str],
        search_share: float,
        confirm_share: float,
        test_share: float,
        split_seed: int,
        input_size: Sequence[int],
        cache_dir: str | Path | None,
        augmentation: Augmentation,
    ) -> None:
        height, width = checked_size(input_size)
        if not classes or len(set(classes)) < len(classes) or set(classes) & set(ignored):
            raise ConfigurationError(
                f"data.classes={list(classes)} must name a type or more, none twice and none in "
                f"data.ignored={list(ignored)}"
            )
        self._shares: dict[Split, float] = {
            "test": test_share,
            "confirm": confirm_share,
            "search": search_share,
        }
        if min(self._shares.values()) <= 0 or sum(self._shares.values()) >= 1:
            raise ConfigurationError(
                f"data.search_share={search_share}, data.confirm_share={confirm_share} and "
                f"data.test_share={test_share} must be above 0 and together below 1"
            )
        super().__init__(
            Facts(
                "kitti",
                (3, height, width),
                tuple(classes),
                IMAGENET_MEAN,
                IMAGENET_DEVIATION,
            ),
            Path(data_dir).expanduser() / folder,
            augmentation=augmentation,
            cache_dir=cache_dir,
        )
        self._kinds = {name: (index, Kind.OBJECT) for index, name in enumerate(classes)}
        # What is ignored is ignored whatever a detector takes it for.
        self._ignored = frozenset(ignored)
        self._images, self._labels = self._folder / images, self._folder / labels
        self._split_seed = split_seed

    def training_images(self) -> Mapping[Split, Sequence[BoxedImage]]:
        """Return what train, search and confirm consist of.

        Raises:
            DataError: there are too few images, labels are damaged, or none is of the classes.
        """
        splits: tuple[Split, ...] = ("train", "search", "confirm")
        found = {split: [self._image(path) for path in self._paths(split)] for split in splits}
        if not any(one.objects for several in found.values() for one in several):
            self._refuse(Path(one.source) for several in found.values() for one in several)
        return found

    def test_images(self) -> Sequence[BoxedImage]:
        """Return what the test split consists of."""
        return [self._image(path) for path in self._paths("test")]

    def expected_test_images(self, training_images: int) -> int:
        """Return the number of images that the division leaves for the test split."""
        del training_images
        return len(self._paths("test"))

    def _paths(self, split: Split) -> list[Path]:
        """Return a split's images; no file is read."""
        paths = sorted(p for p in self._images.glob("*") if p.suffix.lower() in ENDINGS)
        counts = {name: round(share * len(paths)) for name, share in self._shares.items()}
        counts["train"] = len(paths) - sum(counts.values())
        if min(counts.values()) < 1:
            raise DataError(
                f"{self._images.absolute()} holds {len(paths)} images ({', '.join(ENDINGS)}), too "
                "few for four splits; expected are <data_dir>/<folder>/<images>/NAME.png and "
                "<labels>/NAME.txt: set data_dir, data.folder, data.images and data.labels"
            )
        several = [stem for stem, n in Counter(path.stem for path in paths).items() if n > 1]
        if several:
            same = ", ".join(path.name for path in paths if path.stem == several[0])
            raise DataError(
                f"{self._images.absolute()}: {same} would share the labels {several[0]}.txt; "
                "every image needs a name of its own, whatever its ending"
            )
        order = stratified_order(np.zeros(len(paths), dtype=np.int64), self._split_seed)
        return [paths[index] for index in dealt(order, counts, split)]

    def _refuse(self, labels: Iterable[Path]) -> NoReturn:
        """Say why there is nothing to find."""
        files = [path for path in labels if path.is_file()]
        if not files:
            raise DataError(
                f"{self._labels.absolute()} has no label file for any image that may be trained on;"
                f" expected is NAME.txt for {self._images.name}/NAME.png: set data.labels"
            )
        types = {words[0] for path in files for line in lines_of(path) if (words := line.split())}
        raise DataError(
            f"data.classes={list(self.classes)}: no object of {len(files)} label files in "
            f"{self._labels.absolute()} is of these types; theirs are "
            f"{', '.join(sorted(types)) or 'none'}"
        )

    def _image(self, path: Path) -> BoxedImage:
        labels = self._labels / f"{path.stem}.txt"
        return BoxedImage(path, tuple(self._objects(labels)), str(labels))

    def _objects(self, labels: Path) -> list[tuple[float, ...]]:
        if not labels.is_file():
            return []
        objects: list[tuple[float, ...]] = []
        for number, line in enumerate(lines_of(labels), start=1):
            words = line.split()
            if not words or words[0] not in {*self._kinds, *self._ignored}:
                continue
            try:
                left, top, right, bottom = (float(word) for word in words[FIRST:LAST])
            except ValueError as error:
                raise DataError(
                    f"{labels}, line {number}: {line!r} has no four corners after the fourth word"
                ) from error
            corners = left, top, right, bottom
            if words[0] in self._ignored:
                every = range(len(self._kinds))
                objects += [(*corners, float(one), float(Kind.IGNORED)) for one in every]
            else:
                index, kind = self._kinds[words[0]]
                objects.append((*corners, float(index), float(kind)))
        return objects
