"""Exporting: every file, a card, facts for machines, and nobody else's chatter."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import gensynth
from gensynth.export import agreement
from gensynth.export.onnx_network import OnnxNetwork
from gensynth.export.program import read_program
from gensynth.jobs.export import CARD, CHECKED_IMAGES, FACTS
from gensynth.network.saving import read_metadata

Command = Callable[..., Any]


def latest(copied: Path) -> Path:
    """Return the folder of the latest job."""
    return max(copied.parent.iterdir(), key=lambda path: path.stat().st_mtime_ns)


def facts_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    return found


def test_the_nominated_network_with_everything(copied: Path, command: Command) -> None:
    ledger = (copied / "test_ledger.jsonl").read_text()
    done = command(copied.parents[1], "export", "int8=true", "calibration_images=16")
    assert done.status == 0, done.err
    folder = latest(copied)
    facts = facts_of(folder / "network")
    assert json.loads((folder / "result.json").read_text())["rows"] == facts["rows"]
    check_files(copied, folder / "network", facts)
    check_figures(copied, facts)
    check_origin(copied, facts)
    card = (folder / "network" / CARD).read_text(encoding="utf-8")
    assert card.startswith(f"# {facts['name']}: classification on digits")
    assert (copied / "test_ledger.jsonl").read_text() == ledger
    told = ("machine: ", "exported ", "result", "  ", "in ")
    assert all(line.startswith(told) for line in done.out.splitlines()), done.out
    assert done.err == ""


def check_files(copied: Path, folder: Path, facts: dict[str, Any]) -> None:
    network = gensynth.load(copied / "network.safetensors")
    images = torch.zeros(3, *network.graph.input_shape)
    expected = network(images)
    for found in (
        gensynth.load(folder / "network.safetensors")(images),
        read_program(folder / "network.pt2")(images),
        OnnxNetwork(folder / "network.onnx")(images),
    ):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    files = {one["name"]: one for one in facts["exported"]["files"]}
    assert files["network.onnx"]["agreement"]["images"] == CHECKED_IMAGES
    assert files["network.onnx"]["agreement"]["holds"] is True


def check_figures(copied: Path, facts: dict[str, Any]) -> None:
    """As in the run, slack included; int8 beside float32 on the same images."""
    result = json.loads((copied / "result.json").read_text())
    wanted = [row for row in result["rows"] if row["mark"]]
    assert [row["split"] for row in facts["rows"]] == ["confirm", "test"]
    for name in ("measurements", "standard_errors", "margins"):
        assert [row[name] for row in facts["rows"]] == [row[name] for row in wanted]
    first, second = facts["qualities"]
    assert first["row"]["split"] == second["row"]["split"] == "confirm"
    gap = first["row"]["measurements"]["accuracy"] - second["row"]["measurements"]["accuracy"]
    assert second["losses"]["accuracy"] == pytest.approx(gap)


def check_origin(copied: Path, facts: dict[str, Any]) -> None:
    candidate = read_metadata(copied / "network.safetensors")["evaluation"]["candidate"]
    assert facts["name"] == json.loads((copied / "result.json").read_text())["nominated"]
    assert facts["origin"]["synthesis"] == copied.name
    assert facts["origin"]["network_seed"] == candidate["seed"]
    assert facts["data"]["licence"].startswith("CC BY 4.0")
    assert facts["design"]


def test_a_file_that_does_not_hold_is_an_error_when_all_is_written(
    copied: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = copied.parents[1]
    assert command(outputs, "generate", "networks=1").status == 0
    (drawn,) = latest(copied).glob("*.safetensors")
    shutil.copy(drawn, outputs / "mine.safetensors")
    monkeypatch.setattr(agreement, "BAR", -1.0)
    done = command(outputs, "export", f"networks=[{outputs / 'mine.safetensors'}]")
    assert done.status == 1
    (line,) = done.err.splitlines()
    assert line.startswith("gensynth: not what PyTorch computes: ")
    folder = latest(copied) / "mine"
    assert str(folder / "network.onnx") in line
    assert "MISSED" in done.out
    facts, card = facts_of(folder), (folder / CARD).read_text(encoding="utf-8")
    assert not any(one["agreement"]["holds"] for one in facts["exported"]["files"])
    assert "MISSED" in card
    # drawn and not trained: said in both places, and never read on the test split
    assert "mine is not trained yet" in done.out
    assert "not trained yet" in card
    assert [row["split"] for row in facts["rows"]] == ["confirm"]
    assert facts["origin"]["network_seed"] == read_metadata(drawn)["seed"]
    assert facts["design"] == read_metadata(drawn)["design"]
    assert len(facts["qualities"]) == 1


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("opset=17", "opset=17 must lie in 18..23"),
        ("calibration_images=0", "calibration_images=0 must be 1 or more"),
        ("networks=[nobody]", "networks: 'nobody' is no file"),
    ],
)
def test_a_wrong_setting_is_one_line(copied: Path, command: Command, word: str, line: str) -> None:
    done = command(copied.parents[1], "export", word)
    assert done.status == 1
    assert done.err.startswith(f"gensynth: {line}")
    assert done.err.count("\n") == 1


def test_missing_packages_are_one_line_before_anything_is_read(
    copied: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    done = command(copied.parents[1], "export", "run=nobody")
    assert done.status == 1
    assert done.err.startswith("gensynth: export needs onnxscript")
    assert "pip install onnxscript" in done.err
