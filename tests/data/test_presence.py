"""What counts as laid out, and what asking costs."""

import subprocess
import sys
from pathlib import Path

import pytest

from gensynth.data.presence import LAYOUTS, missing, present
from gensynth.errors import ConfigurationError


def test_a_set_is_present_once_its_last_file_is_there(tmp_path: Path) -> None:
    for file in LAYOUTS["cifar10"]:
        assert not present("cifar10", tmp_path)
        assert file in missing("cifar10", str(tmp_path))
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    assert present("cifar10", tmp_path)


def test_home_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert present("cifar10", f"~/{release.name}")


def test_embedded_sets_are_always_present(tmp_path: Path) -> None:
    assert present("digits", tmp_path / "nowhere")


def test_an_unknown_set_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        ConfigurationError, match="'cifar100'; there are cifar10, camvid, digits, scenes"
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
