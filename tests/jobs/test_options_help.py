"""Help lists every job, every setting and every option with a line on it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from gensynth.jobs import places
from gensynth.jobs.options_help import describe, groups

Gensynth = Callable[..., Any]


def test_every_option_of_every_group_has_its_line(gensynth: Gensynth) -> None:
    lines = {
        (words[0], " ".join(words[1:]).removeprefix("* "))
        for line in gensynth("--help").out.splitlines()
        if (words := line.split())
    }
    plugins = [
        path.parent.parent
        for path in Path(__file__).parents[2].glob("plugins/*/*/conf/__init__.py")
    ]
    assert plugins
    for folder in [places.conf(), *(plugin / "conf" for plugin in plugins)]:
        for options in groups([folder]).values():
            for name, path in options.items():
                assert describe(path)
                assert (name, " ".join(describe(path).split())) in lines


def test_jobs_and_their_own_settings_are_listed(gensynth: Gensynth) -> None:
    for job in places.job_names():
        out = gensynth(job, "--help").out
        assert f"settings of {job}" in out
        path = places.conf() / f"{job}.yaml"
        assert describe(path) in out
        own = OmegaConf.to_container(OmegaConf.load(path), resolve=False)
        assert isinstance(own, dict)
        for key in [str(k) for k, value in own.items() if not isinstance(value, list | dict)]:
            assert f"\n  {key}=" in out
    assert "resume=null" in gensynth("--help").out


def test_options_in_use_are_marked(gensynth: Gensynth) -> None:
    out = gensynth("inquisitor=random", "--help").out
    assert [line.split()[1] for line in out.splitlines() if line.startswith("  random")] == ["*"]


def test_a_folder_of_one_s_own_is_listed_too(gensynth: Gensynth, tmp_path: Path) -> None:
    (tmp_path / "inquisitor").mkdir()
    (tmp_path / "inquisitor" / "mine.yaml").write_text("# My own: costs $5.\na: 1\n")
    out = gensynth("--config-dir", str(tmp_path), "--help").out
    assert "My own: costs $5." in out


def test_first_comment_is_the_description_hydra_s_header_is_not(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("# @package _global_\n# What it is.\n# More.\na: 1\n")
    (tmp_path / "b.yaml").write_text("a: 1\n# too late\n")
    assert describe(tmp_path / "a.yaml") == "What it is."
    assert describe(tmp_path / "b.yaml") == ""
