"""Installed plugins are found; a broken one costs a line, not the program."""

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from hydra._internal.config_search_path_impl import ConfigSearchPathImpl

from gensynth import plugins


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, plugins.GROUP)


def package(folder: Path, name: str, text: str = "", *, conf: bool = True) -> None:
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text(text)
    if conf:
        (folder / name / "conf" / "inquisitor").mkdir(parents=True)
        (folder / name / "conf" / "inquisitor" / f"{name}.yaml").write_text("# An option.\na: 1\n")


def searched(monkeypatch: pytest.MonkeyPatch, *points: EntryPoint) -> list[str]:
    monkeypatch.setattr(plugins, "entry_points", lambda group: points)
    path = ConfigSearchPathImpl()
    plugins.PluginSearchPath().manipulate_search_path(path)
    return [str(element.path) for element in path.get_path()]


def test_conf_folder_is_found_with_and_without_init(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    package(tmp_path, "one_probe")
    package(tmp_path, "two_probe")
    (tmp_path / "two_probe" / "conf" / "__init__.py").write_text("")
    found = searched(monkeypatch, point("two", "two_probe"), point("one", "one_probe"))
    assert found == [f"file://{tmp_path / name / 'conf'}" for name in ["one_probe", "two_probe"]]


@pytest.mark.parametrize(
    ("text", "conf", "words"),
    [
        ("import no_such_module", True, "no_such_module"),
        ("raise RuntimeError('two\\nlines')", True, "two lines"),
        ("this is no python", True, "SyntaxError"),
        ("", False, "no conf/ folder"),
    ],
)
def test_broken_plugin_is_one_line_and_the_others_work(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
    conf: bool,
    words: str,
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    package(tmp_path, "good_probe")
    package(tmp_path, "bad_probe", text, conf=conf)
    try:
        found = searched(monkeypatch, point("bad", "bad_probe"), point("good", "good_probe"))
    finally:
        for name in ["bad_probe", "good_probe"]:
            sys.modules.pop(name, None)
    assert found == [f"file://{tmp_path / 'good_probe' / 'conf'}"]
    (line,) = capsys.readouterr().err.splitlines()
    assert "'bad'" in line
    assert words in line


def test_built_in_plugin_comes_through_the_same_door() -> None:
    path = ConfigSearchPathImpl()
    plugins.PluginSearchPath().manipulate_search_path(path)
    assert any("mutual_info" in str(element.path) for element in path.get_path())
