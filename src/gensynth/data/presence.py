"""Which data sets are laid out here; cheap enough to ask while configuration composes."""

from pathlib import Path

from gensynth.errors import ConfigurationError

CIFAR10_FOLDER = "cifar-10-batches-py"
CIFAR10_TRAINING = tuple(f"data_batch_{number}" for number in range(1, 6))
CIFAR10_TEST = "test_batch"
CAMVID_FOLDER = "camvid"
PENN_FUDAN_FOLDER = "PennFudanPed"
PARSE27K_FOLDER = "parse27k"
PARSE27K_ANNOTATIONS = "annotations.sqlite3"

LAYOUTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "cifar10": (tuple(f"{CIFAR10_FOLDER}/{name}" for name in (*CIFAR10_TRAINING, CIFAR10_TEST)),),
    "camvid": (
        tuple(f"{CAMVID_FOLDER}/{part}.txt" for part in ("train", "val", "test")),
        (f"{CAMVID_FOLDER}/701_StillsRaw_full/", f"{CAMVID_FOLDER}/LabeledApproved_full/"),
        (f"{CAMVID_FOLDER}/images/", f"{CAMVID_FOLDER}/labels/"),
    ),
    "penn_fudan": (
        (
            f"{PENN_FUDAN_FOLDER}/PNGImages/",
            f"{PENN_FUDAN_FOLDER}/Annotation/",
            f"{PENN_FUDAN_FOLDER}/added-object-list.txt",
        ),
    ),
    "parse27k": ((f"{PARSE27K_FOLDER}/{PARSE27K_ANNOTATIONS}",),),
    "kitti": (("kitti/image_2/",),),
    "digits": (),
    "scenes": (),
    "boxed_scenes": (),
}
"""Files, and folders with a slash at the end, that each of the ways to give a set out has below the
data folder; embedded sets need none."""


def missing(name: str, data_dir: str | Path) -> tuple[str, ...]:
    """Return what a set lacks, relative to the data folder, in the layout it comes nearest to.

    Args:
        name: a data set, as in `data=<name>`.
        data_dir: the data folder; `~` is expanded.

    Raises:
        ConfigurationError: no such data set.
    """
    if name not in LAYOUTS:
        raise ConfigurationError(f"unknown data set {name!r}; there are {', '.join(LAYOUTS)}")
    folder = Path(data_dir).expanduser()
    lacking = [
        tuple(place for place in layout if not _is_there(folder, place)) for layout in LAYOUTS[name]
    ]
    return min(lacking, key=len, default=())


def _is_there(folder: Path, place: str) -> bool:
    path = folder / place
    return path.is_dir() if place.endswith("/") else path.is_file()


def present(name: str, data_dir: str | Path) -> bool:
    """Tell whether a set is laid out below the data folder; embedded sets always are.

    Raises:
        ConfigurationError: no such data set.

    >>> present("digits", "data")
    True
    """
    return not missing(name, data_dir)
