"""Penn-Fudan's text files, on a made set in exactly that layout."""

from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from gensynth.data.boxes import KIND, Kind
from gensynth.data.jitter import Jitter
from gensynth.data.penn_fudan import SPLITS, PennFudan
from gensynth.errors import ConfigurationError, DataError

STILL = Jitter(
    shift=0,
    flip=False,
    smallest=1.0,
    largest=1.0,
    zoom_share=0.0,
    hue=0.0,
    desaturation=0.0,
    seed=0,
)


def data(data_dir: Path, **changes: Any) -> PennFudan:
    given: dict[str, Any] = {
        "data_dir": data_dir,
        "input_size": [40, 60],
        "added": "ignored",
        "cache_dir": None,
        "augmentation": STILL,
    }
    return PennFudan(**(given | changes))


def test_corners_count_from_one_and_the_last_ones_belong_to_the_box(made_penn_fudan: Path) -> None:
    _, objects = data(made_penn_fudan).images("train")
    assert objects[0, 0, :4].tolist() == [0, 0, 20, 40]
    assert objects[0, 1, :4].tolist() == [30, 4, 50, 30]


def test_added_people_are_ignored_unless_they_are_wanted(made_penn_fudan: Path) -> None:
    def kinds(one: PennFudan) -> list[int]:
        every = [one.images(split)[1][..., KIND] for split in ("train", "search", "confirm")]
        return [
            sum(int((part == kind).sum()) for part in every) for kind in (Kind.OBJECT, Kind.IGNORED)
        ]

    counted, ignored = kinds(data(made_penn_fudan))
    assert counted + ignored == 240
    assert ignored > 40
    assert kinds(data(made_penn_fudan, added="objects")) == [240, 0]


def test_the_division_is_fixed_and_deals_both_cities_alike(made_penn_fudan: Path) -> None:
    one, again = data(made_penn_fudan), data(made_penn_fudan)
    assert one.counts == SPLITS == {"train": 80, "search": 20, "confirm": 20, "test": 50}
    assert one.digest == again.digest
    one.open_test()
    numbers = {split: one.images(split)[0][:, 0, 0, 0].tolist() for split in SPLITS}
    assert sorted(chain.from_iterable(numbers.values())) == list(range(170))
    for split, members in numbers.items():
        fudan = sum(number < 74 for number in members) / len(members)
        assert fudan == pytest.approx(74 / 170, abs=0.06), split


def test_the_test_annotations_are_not_read_before_the_split_is_open(made_penn_fudan: Path) -> None:
    one = data(made_penn_fudan)
    one.images("train")
    for path in (made_penn_fudan / "PennFudanPed" / "Annotation").glob("*.txt"):
        path.write_text(path.read_text().replace("(31, 5)", "(29, 5)"))
    one.open_test()
    assert one.images("test")[1][:, 1, 0].tolist() == [28] * SPLITS["test"]


def test_what_is_missing_is_one_line(made_penn_fudan: Path) -> None:
    with pytest.raises(DataError, match=r"Penn-Fudan is not in .*; expected are .*data=boxed_scen"):
        data(made_penn_fudan / "elsewhere").images("train")
    next((made_penn_fudan / "PennFudanPed" / "Annotation").glob("*.txt")).unlink()
    with pytest.raises(DataError, match="holds 169 annotations, the published set 170"):
        data(made_penn_fudan).images("train")


@pytest.mark.parametrize(
    ("lost", "message"), [(1, r"has 1 boxes where its own count is \[2\]"), (9, "is missing")]
)
def test_annotations_that_lost_lines_are_refused(
    made_penn_fudan: Path, lost: int, message: str
) -> None:
    for path in (made_penn_fudan / "PennFudanPed" / "Annotation").glob("*.txt"):
        path.write_text("\n".join(path.read_text().splitlines()[:-lost]))
    with pytest.raises(DataError, match=message):
        data(made_penn_fudan).images("train")


def test_a_damaged_list_and_a_wrong_setting_are_one_line(made_penn_fudan: Path) -> None:
    added = made_penn_fudan / "PennFudanPed" / "added-object-list.txt"
    whole = added.read_text()
    for damage, message in (
        (whole.replace("\t2", "\ttwo"), "is no list of image names and object numbers"),
        ("\n".join(whole.splitlines()[:40]), r"names 39 objects, the published list 78: unpack"),
        (whole.replace("\t2", "\t5"), r"names object 5 of .*\.txt has not: unpack the set anew"),
    ):
        added.write_text(damage)
        with pytest.raises(DataError, match=rf"added-object-list\.txt {message}"):
            data(made_penn_fudan).images("train")
    with pytest.raises(ConfigurationError, match=r"data\.added=all must be one of ignored, obj"):
        data(made_penn_fudan, added="all")
