"""The job `prototype`: what a synthesis starts from, by itself."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def test_it_is_the_synthesis_s_own(copied: Path, command: Command, tiny: tuple[str, ...]) -> None:
    words = [word for word in tiny if not word.startswith(("tracking", "long_networks"))]
    done = command(copied.parents[1], "prototype", *words)
    assert done.status == 0, done.err
    assert "trained before" in done.out
    folder = max(copied.parent.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    assert folder != copied
    for name in ("prototype.json", "prototype.safetensors"):
        assert (folder / name).read_bytes() == (copied / name).read_bytes()
    (line,) = (line for line in done.out.splitlines() if line.startswith("  prototype "))
    measured = json.loads((folder / "prototype.json").read_text())["measurements"]
    assert f"{measured['parameters']:,.0f}" in line


def test_what_cannot_be_is_said_in_one_line(command: Command, tmp_path: Path) -> None:
    for words, complaint in [
        (["networks=3"], "prototype has no setting 'networks'"),
        (["experiment=tiny", "prototype_checkpoint=nowhere.safetensors"], "no network at"),
        (
            ["experiment=tiny", "prototype_checkpoint=a", "prototype_pretrained=true"],
            "leave one of the two out",
        ),
    ]:
        done = command(tmp_path / "outputs", "prototype", *words)
        assert done.status == 1
        (line,) = done.err.strip().splitlines()
        assert complaint in line
