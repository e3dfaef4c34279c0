"""A continued run is given back what it was started with."""

from pathlib import Path

import pytest

from gensynth.errors import ConfigurationError
from gensynth.jobs.resume import continued, differences
from gensynth.jobs.runs import Saved

CONFIG = {
    "seed": 1,
    "data_dir": "/data",
    "data": {"size": 8, "data_dir": "/data", "cache_dir": "/a/outputs/decoded"},
    "executor": {"launcher_jobs": 4},
    "requirements": {"accuracy": {"at_least": "prototype-0.5"}},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Saved("synthesize", ("seed=1",), {"data": "digits"}, CONFIG, "/mine").write(tmp_path)
    return tmp_path


def test_saved_overrides_come_first_and_surroundings_are_pinned(folder: Path) -> None:
    assert continued(folder, "synthesize", []) == [
        "seed=1",
        "data='digits'",
        "data_dir='/data'",
        "executor.launcher_jobs=4",
        f"hydra.run.dir='{folder}'",
        "--config-dir",
        "/mine",
    ]


@pytest.mark.parametrize(
    "override",
    [
        "seed=1",
        "data=digits",
        "data.size=8",
        "data_dir=/moved",
        "open_test=true",
        "tracking=none",
        "hydra.verbose=true",
        "requirements.accuracy.at_least=prototype-0.5",
    ],
)
def test_what_agrees_or_changes_no_result_is_taken(folder: Path, override: str) -> None:
    arguments = continued(folder, "synthesize", [override])
    assert arguments.index("seed=1") < len(arguments) - 1


def test_what_may_change_wins_over_what_was_saved(folder: Path) -> None:
    arguments = continued(folder, "synthesize", ["data_dir=/moved"])
    assert arguments.index("data_dir=/moved") > arguments.index("data_dir='/data'")


@pytest.mark.parametrize(
    "override",
    ["seed=2", "data=cifar10", "data.size=16", "nothing=1", "~data", "+more=1", "data.size=null"],
)
def test_what_contradicts_is_refused_by_name(folder: Path, override: str) -> None:
    with pytest.raises(ConfigurationError, match=override.replace("+", r"\+")):
        continued(folder, "synthesize", [override])


def test_another_job_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="run of synthesize"):
        continued(folder, "generate", [])


def test_differences_name_both_values_and_pass_over_what_may_change() -> None:
    now = CONFIG | {"seed": 2, "data_dir": "/moved", "data": {"size": 8, "data_dir": "/moved"}}
    assert differences(CONFIG, now) == ["seed was 1, is 2"]
    assert differences(CONFIG, CONFIG) == []


def test_a_run_may_be_continued_from_another_folder() -> None:
    there = {**CONFIG, "data": {"size": 8, "data_dir": "/b", "cache_dir": "/b/outputs/decoded"}}
    assert differences(CONFIG, there) == []
