"""Wrong configuration is found before anything runs, all of it at once."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pytest
from omegaconf import OmegaConf

from gensynth.data.partition import Split
from gensynth.errors import ConfigurationError
from gensynth.jobs import places
from gensynth.jobs.checks import UNTOLD, check, check_counts, fits, target, wrong_nodes


class Example:
    """A target with one setting of each kind."""

    def __init__(
        self, live: object, *, count: int, share: float | None, kind: Literal["a", "b"] = "a"
    ) -> None:
        self.settings = (live, count, share, kind)


NODE = {"_target_": f"{__name__}.Example", "count": 1, "share": None}


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gensynth.jobs.checks.target", lambda path: Example)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"share": 1}, []),
        ({"_partial_": True}, []),
        ({"count": 1.5}, ["a.b.count=1.5 must be a whole number"]),
        ({"count": True}, ["a.b.count=True must be a whole number"]),
        ({"share": "x"}, ["a.b.share='x' must be a number or null"]),
        ({"kind": "c"}, ["a.b.kind='c' must be one of a, b"]),
        (
            {"more": 1},
            [f"a.b.more is unknown to {NODE['_target_']}, which takes count, share, kind"],
        ),
    ],
)
def test_every_kind_of_mistake_is_named(changes: dict[str, Any], expected: list[str]) -> None:
    assert list(wrong_nodes({"a": {"b": NODE | changes}})) == expected


def test_missing_settings_are_named() -> None:
    assert list(wrong_nodes([{"_target_": "x"}])) == [
        "[0].count is missing",
        "[0].share is missing",
    ]


def test_nested_nodes_are_checked() -> None:
    nested = {"_target_": "x", "count": 1, "share": None, "kind": {**NODE, "count": "y"}}
    assert "a.kind.count='y' must be a whole number" in list(wrong_nodes({"a": nested}))


def test_all_problems_are_in_one_line() -> None:
    config = {"seed": "abc", "inquisitor": NODE | {"count": "x"}}
    with pytest.raises(ConfigurationError) as caught:
        check(config, "synthesize")
    assert "seed='abc'" in str(caught.value)
    assert "inquisitor.count='x'" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "hint", "expected"),
    [
        (1, float, True),
        (True, float, False),
        (1.0, int, False),
        ("1", int, False),
        (None, int | None, True),
        (None, int, False),
        ([1, 2], tuple[int, ...], True),
        ([1, "x"], Sequence[int], False),
        (3, Sequence[int], False),
        ("abc", Sequence[str], False),
        ({"a": 1.0}, Mapping[str, float], True),
        ({"a": "x"}, Mapping[str, float], False),
        ({"anything": 1}, Example, True),
        ("anything", Any, True),
    ],
)
def test_plain_values_fit_their_annotations(value: Any, hint: Any, expected: bool) -> None:
    assert fits(value, hint) is expected


@pytest.mark.parametrize("path", ["no.such.Thing", "math.nothing", "math.pi", "nodots"])
def test_targets_that_are_none_are_refused(path: str) -> None:
    with pytest.raises(ConfigurationError, match=path):
        target(path)


@pytest.mark.parametrize(
    ("job", "wrong", "expected"),
    [
        ("evaluate", {"open_test": "no"}, "open_test='no' must be true or false or null"),
        ("evaluate", {"train": "no"}, "train='no' must be true or false or null"),
        ("evaluate", {"networks": "c00-1"}, r"networks='c00-1' must be a list such as \[a,b\]"),
        ("synthesize", {"time_limit_minutes": "x"}, "time_limit_minutes='x' must be a number"),
    ],
)
def test_settings_whose_default_is_null_or_a_list_are_checked(
    job: str, wrong: dict[str, Any], expected: str
) -> None:
    with pytest.raises(ConfigurationError, match=expected):
        check(wrong, job)


@pytest.mark.parametrize("job", places.job_names())
def test_the_type_of_every_setting_is_known(job: str) -> None:
    defaults = OmegaConf.to_container(OmegaConf.load(places.conf() / f"{job}.yaml"), resolve=False)
    assert isinstance(defaults, dict)
    for key, default in defaults.items():
        if default is None or str(default).startswith("${"):
            assert key in UNTOLD


@pytest.mark.parametrize("split", ["train", "search", "confirm", "test"])
def test_a_split_of_one_image_is_refused(split: Split) -> None:
    counts: dict[Split, int] = {"train": 2, "search": 2, "confirm": 2, "test": 2}
    check_counts("mine", counts)
    with pytest.raises(ConfigurationError, match=f"data=mine: the {split} split has 1 image"):
        check_counts("mine", counts | {split: 1})
