"""Evaluating named networks: measured as in the run, tested once, trained only where needed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from omegaconf import OmegaConf

from gensynth.errors import TrainingFailed
from gensynth.jobs import evaluate, places
from gensynth.jobs.runs import alone
from gensynth.network.digest import weights_digest
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import load, read_metadata, save
from gensynth.prototypes.resnet import resnet
from gensynth.training import Training

Command = Callable[..., Any]


def latest(copied: Path) -> Path:
    """Return the folder of the latest job."""
    return max(copied.parent.iterdir(), key=lambda path: path.stat().st_mtime_ns)


def rows(copied: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((latest(copied) / "result.json").read_text())["rows"]
    return found


def child_like(network: GraphNetwork, seed: int) -> GraphNetwork:
    """Return the same graph with other weights."""
    return GraphNetwork(network.graph, torch.Generator().manual_seed(seed))


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_the_nominated_network_is_measured_again_and_not_read_again(
    copied: Path, command: Command
) -> None:
    before = lines(copied / "test_ledger.jsonl")
    done = command(copied.parents[1], "evaluate")
    assert done.status == 0, done.err
    result = json.loads((copied / "result.json").read_text())
    expected = [row for row in result["rows"] if row["mark"]]
    for name in ("measurements", "standard_errors", "margins"):
        assert [row[name] for row in rows(copied)] == [row[name] for row in expected]
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
    assert row["margins"] == expected["margins"]  # slack included


def test_a_bound_relative_to_the_prototype_keeps_the_paired_error(
    copied: Path, command: Command
) -> None:
    record = json.loads((copied / "overrides.json").read_text())
    record["config"]["requirements"]["accuracy"]["at_least"] = "prototype-5"
    (copied / "overrides.json").write_text(json.dumps(record))
    done = command(copied.parents[1], "evaluate")
    assert done.status == 0, done.err
    confirm, test = rows(copied)
    name = "accuracy_minus_prototype"
    error = confirm["standard_errors"][name]
    z = record["config"]["confidence_z"]
    assert error > 0
    expected = confirm["measurements"][name] + 5 - z * error
    assert confirm["margins"]["accuracy"] == pytest.approx(expected)
    assert test["margins"]["accuracy"] == pytest.approx(test["measurements"][name] + 5)


def test_the_score_is_the_best_on_confirm_whatever_the_test_split_says(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(places.OUTPUTS, str(copied.parents[1]))
    ledger = copied / "test_ledger.jsonl"
    entries = [json.loads(line) for line in lines(ledger)]
    for entry in entries:
        entry["reading"]["values"]["accuracy"] = 100.0
    ledger.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    result = json.loads((copied / "result.json").read_text())
    names = list(dict.fromkeys(r["name"] for r in result["rows"] if r["name"].startswith("c")))
    cfg = {"run": "last", "networks": names, "train": False, "seed": 0, "open_test": None}
    score = evaluate.run(OmegaConf.create({**cfg, "data_dir": None}), tmp_path)
    found = json.loads((tmp_path / "result.json").read_text())["rows"]
    scores = {
        split: [r["measurements"]["net_score"] for r in found if r["split"] == split]
        for split in ("confirm", "test")
    }
    assert score == max(scores["confirm"]) < max(scores["test"])


def test_equal_file_names_and_a_failure_lose_nothing(
    copied: Path, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command(copied.parents[1], "generate", "networks=1").status == 0
    (file,) = latest(copied).glob("*.safetensors")
    paths = [tmp_path / folder / "net.safetensors" for folder in "abc"]
    for number, path in enumerate(paths):
        save(path, child_like(load(file), number), {"trained": False})
    fit, calls = Training.fit, iter(range(3))

    def failing(self: Training, *rest: Any, **others: Any) -> Any:
        if next(calls) == 2:
            raise TrainingFailed("the loss is no number")
        return fit(self, *rest, **others)

    monkeypatch.setattr(Training, "fit", failing)
    names = ",".join(str(path) for path in paths)
    done = command(copied.parents[1], "evaluate", f"networks=[{names}]")
    assert done.status == 1
    read = [(row["name"], row["split"]) for row in rows(copied)]
    assert read == [(name, split) for name in ("net", "net-2") for split in ("confirm", "test")]
    kept = sorted(latest(copied).glob("*.safetensors"))
    assert [path.name for path in kept] == ["net-2.safetensors", "net.safetensors"]
    for path in kept:
        assert {"evaluation", "data", "trained"} <= read_metadata(path).keys()


def test_a_run_that_is_going_on_is_not_written_to(copied: Path, command: Command) -> None:
    before = (copied / "test_ledger.jsonl").read_bytes()
    with alone(copied):
        done = command(copied.parents[1], "evaluate")
        assert done.status == 1
        (line,) = done.err.strip().splitlines()
        assert "is in use by another process" in line
        assert command(copied.parents[1], "evaluate", "open_test=false").status == 0
    assert (copied / "test_ledger.jsonl").read_bytes() == before


def test_a_damaged_ledger_is_said_in_one_line(copied: Path, command: Command) -> None:
    with (copied / "test_ledger.jsonl").open("a") as file:
        file.write("{\n")
    done = command(copied.parents[1], "evaluate")
    assert done.status == 1
    (line,) = done.err.strip().splitlines()
    assert "test_ledger.jsonl line" in line


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
