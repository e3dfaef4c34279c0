"""Networks drawn from a learned generator: different, allowed, and the same for the same seed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from gensynth.graph.graph import Graph
from gensynth.jobs import places
from gensynth.jobs.past_run import PastRun
from gensynth.network.saving import load, read_metadata

Command = Callable[..., Any]


def drawn(copied: Path) -> Path:
    """Return the folder of the latest job."""
    return max(copied.parent.iterdir(), key=lambda path: path.stat().st_mtime_ns)


def test_networks_differ_are_allowed_and_begin_with_what_they_inherit(
    copied: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = json.loads((copied / "overrides.json").read_text())
    record["config"]["requirements"]["parameters"]["at_most"] = 1200
    (copied / "overrides.json").write_text(json.dumps(record))
    done = command(copied.parents[1], "generate", "networks=4")
    assert done.status == 0, done.err
    folder = drawn(copied)
    files = sorted(folder.glob("*.safetensors"))
    networks = [load(path) for path in files]
    assert len({network.graph.digest for network in networks}) == 4
    monkeypatch.setenv(places.OUTPUTS, str(copied.parents[1]))
    past = PastRun.open(copied.name)
    rows = {r["name"]: r for r in json.loads((folder / "result.json").read_text())["rows"]}
    for path, network in zip(files, networks, strict=True):
        assert network.graph.parameters <= 1200
        assert rows[path.stem]["margins"]["parameters"] == 1200 - network.graph.parameters
        about = read_metadata(path)
        assert about["trained"] is False
        assert about["data"] == past.assembly.data.describe()
        design = past.assembly.space.from_description(about["design"])
        assert past.assembly.space.digest(design) == network.graph.digest
        stem = network.state_dict()["vertices.stem__conv.weight"]
        whole = past.prototype.state_dict()["vertices.stem__conv.weight"]
        width = min(len(stem), len(whole))
        assert torch.equal(stem[:width], whole[:width])


def test_each_has_a_graph_and_a_row_with_what_is_predicted(copied: Path, command: Command) -> None:
    done = command(copied.parents[1], "generate", "networks=4")
    assert done.status == 0, done.err
    folder = drawn(copied)
    summary = json.loads((folder / "generated.json").read_text())
    assert f"4 networks from {summary['seeds_tried']} seeds of {copied.name}" in done.out
    listed = {one["name"]: one for one in summary["networks"]}
    rows = {r["name"]: r for r in json.loads((folder / "result.json").read_text())["rows"]}
    for path in folder.glob("*.safetensors"):
        network = load(path)
        graph = Graph.from_json(path.with_suffix(".graph.json").read_text())
        assert graph.digest == network.graph.digest
        drawing = path.with_suffix(".svg").read_text()
        assert "prototype" in drawing
        assert path.stem in drawing
        expected = listed[path.stem]["expected"]
        assert expected["parameters"] == network.graph.parameters
        assert 0.5 <= expected["probability"] <= 1
        row = rows[path.stem]
        assert row["measurements"] == expected
        for name in ("accuracy", "net_score"):
            low, high = row["intervals"][name]
            assert low < expected[name] < high


def test_what_is_drawn_can_be_trained_and_measured_at_once(copied: Path, command: Command) -> None:
    done = command(copied.parents[1], "generate", "networks=1", "train=true", "open_test=false")
    assert done.status == 0, done.err
    (file,) = drawn(copied).glob("*.safetensors")
    own = json.loads((drawn(copied) / "result.json").read_text())["rows"]
    assert [row["split"] for row in own] == ["expected", "confirm"]
    assert read_metadata(file)["trained"] is True
    # what evaluate measures of the same network, drawn again and trained
    assert command(copied.parents[1], "generate", "networks=1").status == 0
    (again,) = drawn(copied).glob("*.safetensors")
    words = [f"networks=[{again}]", "open_test=false"]
    assert command(copied.parents[1], "evaluate", *words).status == 0
    (row,) = json.loads((drawn(copied) / "result.json").read_text())["rows"]
    assert row == own[1]


def test_the_seed_decides_which(copied: Path, command: Command) -> None:
    found = []
    for seed in (1, 1, 2):
        assert command(copied.parents[1], "generate", "networks=2", f"seed={seed}").status == 0
        found.append(json.loads((drawn(copied) / "generated.json").read_text()))
    assert found[0] == found[1]
    assert found[0] != found[2]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["networks=9", "attempts=5"], "5 seeds gave "),
        (["networks=0"], "networks=0 must be 1 or more"),
        (["least_probability=2"], "least_probability=2 must be from 0 to 1"),
        (["least_probability=1", "attempts=70"], "70 seeds gave 0 different networks"),
        (["run=nowhere"], "no synthesize run 'nowhere'"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_line(
    copied: Path, command: Command, words: list[str], complaint: str
) -> None:
    done = command(copied.parents[1], "generate", *words)
    assert done.status == 1
    (line,) = done.err.strip().splitlines()
    assert complaint in line
