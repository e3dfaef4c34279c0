"""The test split is read once per network; the ledger says what was read."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from gensynth import reading
from gensynth.data.data_module import Split
from gensynth.data.digits import Digits
from gensynth.data.shift import Shift
from gensynth.errors import DataError
from gensynth.journal import Ledger
from gensynth.network.digest import weights_digest
from gensynth.network.graph_network import GraphNetwork
from gensynth.prototypes.resnet import resnet
from gensynth.reading import read_test
from gensynth.tasks.classification import Classification
from gensynth.tasks.task import Quality
from gensynth.training import Training, evaluate_quality

TASK = Classification(label_smoothing=0.0, distillation_weight=0.5, temperature=4.0)


@pytest.fixture
def data() -> Digits:
    return Digits(
        search_images=50,
        confirm_images=50,
        test_images=60,
        split_seed=0,
        train_images=50,
        size=8,
        augmentation=Shift(shift=0, flip=False, border="zero", seed=0),
    )


@pytest.fixture
def recipe() -> Training:
    return Training(
        short_epochs=1,
        long_epochs=1,
        prototype_epochs=1,
        batch_size=32,
        learning_rate=0.1,
        warmup=0.2,
        momentum=0.9,
        weight_decay=0.0,
        gradient_clip=0.0,
        precision="float32",
        channels_last=True,
        inherit=True,
        progress=False,
    )


@pytest.fixture
def reads(data: Digits, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the splits that are read, one per reading."""
    seen: list[str] = []
    real: Callable[[Split, int], object] = data.batches

    def counting(split: Split, batch_size: int) -> object:
        seen.append(split)
        return real(split, batch_size)

    monkeypatch.setattr(data, "batches", counting)
    return seen


def network(seed: int = 0) -> GraphNetwork:
    graph = resnet((1, 8, 8), 10, depth=8, widths=(4, 4, 4))
    return GraphNetwork(graph, torch.Generator().manual_seed(seed))


def test_a_network_is_read_once_also_across_processes(
    data: Digits, recipe: Training, reads: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "ledger.jsonl"
    first = read_test(network(), data, TASK, recipe, Ledger(path))
    again = read_test(network(), data, TASK, recipe, Ledger(path))
    assert first == again
    assert reads == ["test"]
    read_test(network(1), data, TASK, recipe, Ledger(path))
    assert reads == ["test", "test"]
    quality = evaluate_quality(network(), TASK, data, "test", recipe)
    assert (first.values, first.standard_errors) == (quality.values, quality.standard_errors)
    for one in (first, again):
        np.testing.assert_array_equal(one.examples["accuracy"], quality.examples["accuracy"])


def test_a_second_reading_needs_no_test_images(
    data: Digits, recipe: Training, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.append(weights_digest(network()), {"values": {"accuracy": 12.5}, "standard_errors": {}})
    assert read_test(network(), data, TASK, recipe, ledger).values == {"accuracy": 12.5}
    with pytest.raises(DataError, match="closed"):
        data.images("test")


def test_an_entry_of_an_older_version_is_read_without_examples(
    data: Digits, recipe: Training, tmp_path: Path
) -> None:
    path = tmp_path / "ledger.jsonl"
    entry = {"values": {"accuracy": 12.5}, "standard_errors": {"accuracy": 4.0}}
    path.write_text(json.dumps({"network": weights_digest(network()), "reading": entry}) + "\n")
    found = read_test(network(), data, TASK, recipe, Ledger(path))
    assert (found.values, found.standard_errors) == tuple(entry.values())
    assert found.examples == {}


@pytest.mark.parametrize("damaged", ["?", "AAAA", 5])
def test_damaged_examples_are_named(
    data: Digits, recipe: Training, tmp_path: Path, damaged: object
) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    entry = {"values": {}, "standard_errors": {}, "examples": {"accuracy": damaged}}
    ledger.append(weights_digest(network()), entry)
    with pytest.raises(DataError, match="is damaged"):
        read_test(network(), data, TASK, recipe, ledger)


def test_ten_thousand_hits_and_misses_take_a_few_kilobytes(
    data: Digits, recipe: Training, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hits = np.where(np.random.default_rng(0).random(10_000) < 0.9, 100.0, 0.0)
    quality = Quality(
        {"accuracy": 90.0}, {"accuracy": 0.3}, {"accuracy": hits}, {"accuracy": (89.4, 90.6)}
    )
    monkeypatch.setattr(reading, "evaluate_quality", lambda *_: quality)
    path = tmp_path / "ledger.jsonl"
    read_test(network(), data, TASK, recipe, Ledger(path))
    assert path.stat().st_size < 6_000
    found = read_test(network(), data, TASK, recipe, Ledger(path))
    np.testing.assert_array_equal(found.examples["accuracy"], hits)
    assert found.intervals == {"accuracy": (89.4, 90.6)}
