"""Evaluating named networks: measured as in the run, tested once, trained only where needed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gensynth.network.digest import weights_digest
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import load, read_metadata, save
from gensynth.prototypes.resnet import resnet

Command = Callable[..., Any]


def latest(copied: Path) -> Path:
    """Return the folder of the latest job."""
    return max(copied.parent.iterdir(), key=lambda path: path.stat().st_mtime_ns)


def rows(copied: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((latest(copied) / "result.json").read_text())
    return found


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_the_nominated_network_is_measured_again_and_not_read_again(
    copied: Path, command: Command
) -> None:
    before = lines(copied / "test_ledger.jsonl")
    done = command(copied.parents[1], "evaluate")
    assert done.status == 0, done.err
    result = json.loads((copied / "result.json").read_text())
    expected = [row["measurements"] for row in result["rows"] if row["mark"]]
    assert [row["measurements"] for row in rows(copied)] == expected
    assert lines(copied / "test_ledger.jsonl") == before
    assert not list(latest(copied).glob("*.safetensors"))


def test_a_generated_network_is_trained_first_and_read_once(copied: Path, command: Command) -> None:
    assert command(copied.parents[1], "generate", "networks=1").status == 0
    (file,) = latest(copied).glob("*.safetensors")
    ledger = copied / "test_ledger.jsonl"
    before = len(lines(ledger))
    for _ in range(2):  # the same training, so that the second reading is the first one's
        done = command(copied.parents[1], "evaluate", f"networks=[{file}]", "seed=5")
        assert done.status == 0, done.err
        assert [row["split"] for row in rows(copied)] == ["confirm", "test"]
        trained = latest(copied) / file.name
        assert read_metadata(trained)["trained"] is True
        assert weights_digest(load(trained)) != weights_digest(load(file))
        assert len(lines(ledger)) == before + 1
    done = command(copied.parents[1], "evaluate", f"networks=[{trained}]", "open_test=false")
    assert done.status == 0, done.err
    assert [row["split"] for row in rows(copied)] == ["confirm"]
    assert len(lines(ledger)) == before + 1


def test_networks_are_named_as_in_the_result_table(copied: Path, command: Command) -> None:
    result = json.loads((copied / "result.json").read_text())
    name = next(r["name"] for r in result["rows"] if r["name"].startswith("c") and not r["mark"])
    done = command(copied.parents[1], "evaluate", f"networks=[{name}]", "open_test=false")
    assert done.status == 0, done.err
    (row,) = rows(copied)
    (expected,) = (r for r in result["rows"] if r["name"] == name)
    assert row["measurements"] == expected["measurements"]


def test_a_run_that_never_opened_the_test_split_keeps_it_closed(
    copied: Path, command: Command
) -> None:
    record = json.loads((copied / "overrides.json").read_text())
    record["config"]["open_test"] = False
    (copied / "overrides.json").write_text(json.dumps(record))
    assert command(copied.parents[1], "evaluate").status == 0
    assert [row["split"] for row in rows(copied)] == ["confirm"]


def test_what_cannot_be_evaluated_is_said_in_one_line(
    copied: Path, command: Command, tmp_path: Path
) -> None:
    save(
        tmp_path / "rgb.safetensors", GraphNetwork(resnet((3, 8, 8), 10, depth=8, widths=(4, 4, 4)))
    )
    (tmp_path / "torn.safetensors").write_bytes(b"nonsense")
    for name, complaint in [
        ("nobody", "'nobody' is no file"),
        (tmp_path / "rgb.safetensors", "has inputs and outputs of shapes"),
        (tmp_path / "torn.safetensors", "is not a safetensors file"),
    ]:
        done = command(copied.parents[1], "evaluate", f"networks=[{name}]")
        assert done.status == 1
        (line,) = done.err.strip().splitlines()
        assert complaint in line
