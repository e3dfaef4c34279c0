"""Data that nobody names are the real ones where they are present, and it is said when not."""

from pathlib import Path

import pytest

from gensynth.errors import ConfigurationError
from gensynth.jobs.default_data import announcement, completed, wanted_instead

EMBEDDED = {"task": "classification", "classification_data": "digits", "data": "digits"}
REAL = EMBEDDED | {"classification_data": "cifar10", "data": "cifar10"}


def lay_out_cifar10(folder: Path) -> None:
    batches = folder / "cifar-10-batches-py"
    batches.mkdir(parents=True)
    for name in [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]:
        (batches / name).write_bytes(b"")


def test_only_present_sets_are_chosen(outputs: Path, tmp_path: Path) -> None:
    assert completed("synthesize", ["seed=1"]) == []
    lay_out_cifar10(tmp_path / "data")
    assert completed("synthesize", ["seed=1"]) == ["classification_data=cifar10"]


def test_jobs_without_a_task_and_said_choices_are_left_alone(outputs: Path, tmp_path: Path) -> None:
    lay_out_cifar10(tmp_path / "data")
    assert completed("generate", []) == []
    assert completed("synthesize", ["classification_data=digits"]) == []


@pytest.mark.parametrize(
    ("choices", "overrides", "wanted"),
    [
        (EMBEDDED, ["seed=1"], "cifar10"),
        (EMBEDDED, ["data=digits"], None),
        (EMBEDDED, ["experiment=tiny"], None),
        (REAL, ["classification_data=cifar10"], None),
        ({"data": None}, [], None),
        ({}, [], None),
    ],
)
def test_embedded_data_stand_in_only_when_nobody_named_data(
    choices: dict[str, str | None], overrides: list[str], wanted: str | None
) -> None:
    assert wanted_instead(choices, overrides) == wanted


def test_announcement_names_both_sets_the_place_and_the_way_out(tmp_path: Path) -> None:
    text = announcement(EMBEDDED, [], tmp_path)
    assert text is not None
    for word in ["digits", "cifar10", str(tmp_path), "data.download=true"]:
        assert word in text
    assert announcement(REAL, [], tmp_path) is None


@pytest.mark.parametrize(
    ("embedded", "real", "fetches"),
    [("scenes", "camvid", True), ("boxed_scenes", "penn_fudan", False)],
)
def test_announcement_offers_a_download_where_there_is_one(
    embedded: str, real: str, fetches: bool, tmp_path: Path
) -> None:
    group = "segmentation_data" if real == "camvid" else "detection_data"
    text = announcement({group: embedded, "data": embedded}, [], tmp_path)
    assert text is not None
    assert real in text
    assert ("data.download=true" in text) == fetches


def test_real_data_that_could_not_be_seen_are_an_error(tmp_path: Path) -> None:
    lay_out_cifar10(tmp_path)
    with pytest.raises(ConfigurationError, match="add data=cifar10"):
        announcement(EMBEDDED, [], tmp_path)
