"""The job `explain` tells of one network, and finds it again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gensynth.diary import Diary, NetworkNote
from gensynth.network.digest import weights_digest
from gensynth.network.saving import load

Command = Callable[..., Any]


def explanation(copied: Path) -> dict[str, Any]:
    folder = max(copied.parent.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    found: dict[str, Any] = json.loads((folder / "explanation.json").read_text())
    return found


def test_the_nominated_network_is_explained(copied: Path, command: Command) -> None:
    done = command(copied.parents[1], "explain", "seeds=200")
    assert done.status == 0, done.err
    told = explanation(copied)
    network = load(copied / "network.safetensors")
    assert told["digest"] == network.graph.digest
    assert told["found_again"] is True
    assert f"the same graph, {network.graph.digest}" in done.out
    assert told["parent"] == weights_digest(load(copied / "prototype.safetensors"))
    assert told["parent"] in done.out
    assert str(told["seed"]) in done.out
    for choice in told["choices"]:
        assert 0 <= choice["at_first"] <= 1
        assert 0 <= choice["then"] <= 1
    refined = told["way"] == "refined"
    assert ("not drawn" in done.out) == refined == (told["nearest"] is not None)


def test_a_first_candidate_came_before_anything_was_learned(copied: Path, command: Command) -> None:
    notes = [note for note in Diary(copied).notes() if isinstance(note, NetworkNote)]
    first = next(note.evaluation for note in notes if note.role == "candidate")
    done = command(copied.parents[1], "explain", f"network={first.candidate.name}", "seeds=50")
    assert done.status == 0, done.err
    told = explanation(copied)
    assert (told["way"], told["cycle"], told["seed"]) == ("cycle", 0, first.candidate.seed)
    assert told["state"] == ""
    assert all(one["at_first"] == one["then"] and not one["held"] for one in told["choices"])
    assert "theta_G had not been moved towards any of its options" in done.out
    assert told["evaluations"][0]["measurements"] == first.measurements


def test_a_generated_network_is_explained_by_its_file(copied: Path, command: Command) -> None:
    assert command(copied.parents[1], "generate", "networks=1").status == 0
    folder = max(copied.parent.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    (file,) = folder.glob("*.safetensors")
    done = command(copied.parents[1], "explain", f"network={file}", "seeds=50")
    assert done.status == 0, done.err
    told = explanation(copied)
    assert (told["way"], told["found_again"], told["state"]) == (
        "generated",
        True,
        "generator.json",
    )


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["seeds=0"], "seeds=0 must be 1 or more"),
        (["network=nobody"], "network=nobody: no file"),
        (["run=nowhere"], "no synthesize run 'nowhere'"),
    ],
)
def test_what_cannot_be_explained_is_said_in_one_line(
    copied: Path, command: Command, words: list[str], complaint: str
) -> None:
    done = command(copied.parents[1], "explain", *words)
    assert done.status == 1
    (line,) = done.err.strip().splitlines()
    assert complaint in line
