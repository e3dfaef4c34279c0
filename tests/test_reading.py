"""The test split is read once per network; the ledger says what was read."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from gensynth.data.augmentation import Augmentation
from gensynth.data.data_module import Split
from gensynth.data.digits import Digits
from gensynth.errors import DataError
from gensynth.journal import Ledger
from gensynth.network.digest import weights_digest
from gensynth.network.graph_network import GraphNetwork
from gensynth.prototypes.resnet import resnet
from gensynth.reading import read_test
from gensynth.tasks.classification import Classification
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
        augmentation=Augmentation(shift=0, flip=False, border="zero", seed=0),
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


def test_a_second_reading_needs_no_test_images(
    data: Digits, recipe: Training, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.append(weights_digest(network()), {"values": {"accuracy": 12.5}, "standard_errors": {}})
    assert read_test(network(), data, TASK, recipe, ledger).values == {"accuracy": 12.5}
    with pytest.raises(DataError, match="closed"):
        data.images("test")
