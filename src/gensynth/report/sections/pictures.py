"""What the networks do with images: pictures that the run kept."""

from io import BytesIO
from pathlib import Path

from PIL import Image

from gensynth.report.document import Block, Picture, Section, Text
from gensynth.report.run_record import RunRecord

COLUMNS = {
    "segments": "image, labels, prediction, errors (vermilion)",
    "boxes": "objects green, found vermilion with their scores",
    "precision recall": "precision against recall",
}
"""What pictures of the built-in tasks show."""
WIDEST, TALLEST = 900, 1800
"""Pixels; larger pictures are made smaller."""
LARGEST = 250_000
"""Bytes of a picture; larger ones are compressed with losses."""


def pictures(run: RunRecord) -> Section | None:
    """Return the section with the prototype's and the nominated network's pictures, if any."""
    found = [
        (what, name, path)
        for name in filter(None, ["prototype", run.best])
        for stem, path in run.pictures.items()
        if (what := stem.removeprefix(f"{name}-")) != stem
    ]
    blocks: list[Block] = []
    for kind in dict.fromkeys(what for what, _, _ in found):  # what is compared stands together
        words = kind.replace("_", " ")
        told = COLUMNS.get(words, words)
        blocks += [_picture(path, f"{name}: {told}") for what, name, path in found if what == kind]
    if not blocks:
        return None
    note = "The same images of the confirm split for every network."
    return Section("What the networks make of images", (Text(note, is_note=True), *blocks))


def _picture(path: Path, caption: str) -> Picture:
    data = path.read_bytes()
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    if image.width <= WIDEST and len(data) <= LARGEST:
        return Picture(path.name, data, caption)
    image.thumbnail((WIDEST, TALLEST))
    smaller = _encoded(image, "PNG")
    if len(smaller) <= LARGEST:
        return Picture(path.name, smaller, caption)
    return Picture(f"{path.stem}.jpg", _encoded(image, "JPEG"), caption)


def _encoded(image: Image.Image, form: str) -> bytes:
    file = BytesIO()
    image.save(file, format=form)
    return file.getvalue()
