"""Parse-27k: pedestrians from a moving camera, every one with a box (Sudowe et al. 2015).

The authors give it out on request. Read are the SQLite file and the frames of the release.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, final

from gensynth.data.augmentation import Augmentation
from gensynth.data.boxed_images import BoxedImage, BoxedImages
from gensynth.data.boxes import Kind
from gensynth.data.data_module import Facts
from gensynth.data.input_size import checked_size
from gensynth.data.normalisation import IMAGENET_DEVIATION, IMAGENET_MEAN
from gensynth.data.partition import Split
from gensynth.data.presence import PARSE27K_ANNOTATIONS, PARSE27K_FOLDER, present
from gensynth.errors import ConfigurationError, DataError

SEQUENCES: Mapping[Split, tuple[int, ...]] = {
    "train": (1, 4, 5),
    "search": (7,),
    "confirm": (2, 8),
    "test": (3, 6),
}
"""The official division by sequence; the validation sequences 2, 7 and 8 are search and confirm."""

SITTING = 4
"""Posture of people that the set's own tools leave out; here they are ignored.

So are people whose attributes are missing: those tools leave them out, too.
"""

FRAMES = """
    SELECT i.imageID, s.directory, i.filename
    FROM Image i JOIN Sequence s ON i.sequenceID = s.sequenceID
    WHERE s.sequenceID = ? ORDER BY i.imageID
"""
PEOPLE = """
    SELECT p.imageID, p.box_min_x, p.box_min_y, p.box_max_x, p.box_max_y,
           a.attributeSetID IS NULL OR a.postureID = ?
    FROM Pedestrian p LEFT JOIN AttributeSet a ON p.attributeSetID = a.attributeSetID
    JOIN Image i ON p.imageID = i.imageID
    WHERE i.sequenceID = ? ORDER BY p.pedestrianID
"""
NAMED_SEQUENCES = "SELECT sequenceID FROM Sequence UNION SELECT sequenceID FROM Image"

WHERE_TO_ASK = "https://www.vision.rwth-aachen.de/page/parse27k"


@final
class Parse27k(BoxedImages):
    """Frames of eight sequences with more than 27,000 pedestrians; split by sequence.

    Args:
        data_dir: folder that holds `parse27k/`; `~` is expanded.
        download: the set is on request; true says where to ask.
        input_size: height and width that networks read, 32 or more each.
        cache_dir: folder that keeps decoded images; null decodes them every time.
        augmentation: of train images.

    Raises:
        ConfigurationError: a value is outside its range, or a download is asked for.
    """

    licence = "given out on request, on its authors' terms; cite Sudowe et al. 2015"

    def __init__(
        self,
        *,
        data_dir: str | Path,
        download: bool,
        input_size: Sequence[int],
        cache_dir: str | Path | None,
        augmentation: Augmentation,
    ) -> None:
        height, width = checked_size(input_size)
        if download:
            raise ConfigurationError(
                "data.download=true: Parse-27k cannot be downloaded; its authors give it out on "
                f"request, ask at {WHERE_TO_ASK}"
            )
        shape, classes = (3, height, width), ("pedestrian",)
        super().__init__(
            Facts("parse27k", shape, classes, IMAGENET_MEAN, IMAGENET_DEVIATION),
            Path(data_dir).expanduser() / PARSE27K_FOLDER,
            augmentation=augmentation,
            cache_dir=cache_dir,
        )

    def prepare_data(self) -> None:
        """Make sure that the files are there.

        Raises:
            DataError: they are not.
        """
        if not present(self.name, self._folder.parent):
            folder = self._folder.absolute()
            raise DataError(
                f"Parse-27k is not in {folder}; expected are {folder.name}/{PARSE27K_ANNOTATIONS} "
                f"and {folder.name}/sequences/<directory>/<frame>; its authors give it out on "
                f"request ({WHERE_TO_ASK}); set data_dir=<folder that holds {folder.name}/> or "
                "GENSYNTH_DATA=<folder>, or data=boxed_scenes, which needs no files"
            )

    def training_images(self) -> Mapping[Split, Sequence[BoxedImage]]:
        """Return what train, search and confirm consist of."""
        splits: tuple[Split, ...] = ("train", "search", "confirm")
        return {split: self._frames(split) for split in splits}

    def test_images(self) -> Sequence[BoxedImage]:
        """Return what the test split consists of."""
        return self._frames("test")

    def expected_test_images(self, training_images: int) -> int:
        """Return the number of frames of the test sequences; neither they nor boxes are read."""
        del training_images
        return sum(len(self._rows(FRAMES, sequence)) for sequence in SEQUENCES["test"])

    def _frames(self, split: Split) -> list[BoxedImage]:
        """Return the frames of a split with their people, in the order of their ids."""
        known = sorted(str(sequence) for several in SEQUENCES.values() for sequence in several)
        for (sequence,) in self._rows(NAMED_SEQUENCES):
            if str(sequence) not in known:
                raise DataError(
                    f"{self._annotations}: unknown sequence {sequence}; the set has the sequences "
                    f"{', '.join(known)}"
                )
        found = [one for sequence in SEQUENCES[split] for one in self._sequence(sequence)]
        if not found:
            wanted = ", ".join(map(str, SEQUENCES[split]))
            raise DataError(
                f"{self._annotations}: no frames of the sequences {wanted}, which are the {split} "
                "split"
            )
        return found

    def _sequence(self, sequence: int) -> Iterator[BoxedImage]:
        people: dict[Any, list[tuple[float, ...]]] = {}
        for image, *corners, ignored in self._rows(PEOPLE, SITTING, sequence):
            kind = Kind.IGNORED if ignored else Kind.OBJECT
            people.setdefault(image, []).append((*self._numbers(corners, image), 0, kind))
        for image, directory, filename in self._rows(FRAMES, sequence):
            frame = self._folder / "sequences" / str(directory) / str(filename)
            objects = tuple(people.get(image, ()))
            yield BoxedImage(frame, objects, str(self._annotations))

    def _numbers(self, corners: Sequence[Any], image: Any) -> Iterator[float]:
        for corner in corners:
            try:
                yield float(corner)
            except (TypeError, ValueError) as error:
                raise DataError(
                    f"{self._annotations}: a box of image {image} has the corner {corner!r}, which "
                    "is no number"
                ) from error

    @property
    def _annotations(self) -> Path:
        return self._folder / PARSE27K_ANNOTATIONS

    def _rows(self, query: str, *values: int) -> list[tuple[Any, ...]]:
        path = self._annotations.absolute()
        try:
            with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
                return database.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise DataError(
                f"{path} is not the annotation file of Parse-27k ({error}): lay the release out "
                "anew"
            ) from error
