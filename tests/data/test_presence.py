"""What counts as laid out, and what asking costs."""

import subprocess
import sys
from pathlib import Path

import pytest

from gensynth.data.presence import LAYOUTS, missing, present
from gensynth.errors import ConfigurationError


@pytest.mark.parametrize(
    ("name", "layout"), [(name, one) for name, several in LAYOUTS.items() for one in several]
)
def test_a_set_is_present_once_all_of_a_layout_is_there(
    tmp_path: Path, name: str, layout: tuple[str, ...]
) -> None:
    for place in layout:
        assert not present(name, tmp_path)
        assert missing(name, str(tmp_path))
        path = tmp_path / place
        path.parent.mkdir(exist_ok=True)
        if place.endswith("/"):
            path.touch()
            assert not present(name, tmp_path)
            path.unlink()
            path.mkdir()
        else:
            path.touch()
    assert present(name, tmp_path)


def test_what_is_missing_is_that_of_the_nearest_layout(tmp_path: Path) -> None:
    (tmp_path / "camvid" / "701_StillsRaw_full").mkdir(parents=True)
    assert missing("camvid", tmp_path) == ("camvid/LabeledApproved_full/",)


def test_home_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert present("cifar10", f"~/{release.name}")


def test_embedded_sets_are_always_present(tmp_path: Path) -> None:
    assert present("digits", tmp_path / "nowhere")


def test_an_unknown_set_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        ConfigurationError, match="'cifar100'; there are cifar10, camvid, penn_fudan"
    ):
        present("cifar100", "data")


def test_asking_imports_nothing_heavy() -> None:
    code = "import sys, gensynth.data.presence; print({'torch', 'numpy'} & set(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2] / "src")},
    )
    assert answer.stdout == "set()\n"
