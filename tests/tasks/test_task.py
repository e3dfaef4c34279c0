"""The contract has room for tasks that are nothing like classification."""

from collections.abc import Iterable, Sequence
from typing import Any, final

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gensynth.network.graph_network import Output, evaluating
from gensynth.tasks.classification import Classification
from gensynth.tasks.detection import Detection
from gensynth.tasks.segmentation import Segmentation
from gensynth.tasks.task import Batch, Quality, Task


@final
class Dense(Task):
    """One class per position, and a second output; a stand-in for segmentation."""

    @property
    def quality(self) -> str:
        return "pixel_accuracy"

    @property
    def digest(self) -> str:
        return "dense"

    def output_channels(self, classes: Sequence[str]) -> int:
        return len(classes) + 1

    def loss(self, output: Output, targets: Any, teacher: Output | None) -> Tensor:
        assert isinstance(output, dict)
        hard = F.cross_entropy(output["map"], targets["map"])
        if not isinstance(teacher, dict):
            return hard
        return hard + F.mse_loss(output["size"], teacher["size"])

    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> Quality:
        with evaluating(network):
            hits = [(network(x)["map"].argmax(1) == y["map"]).float() for x, y in batches]
        examples = 100 * torch.cat(hits).mean(dim=(1, 2)).numpy().astype(np.float64)
        name = self.quality
        return Quality({name: float(examples.mean())}, {name: 1.0}, {name: examples})


class TwoHeads(nn.Module):
    """Answers with a map of three classes and a number."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Conv2d(1, 3, 1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        y = self.body(x)
        return {"map": y, "size": y.mean(dim=(1, 2, 3))}


def test_a_task_with_maps_and_two_outputs_learns_from_targets_and_a_teacher() -> None:
    task, network = Dense(), TwoHeads()
    images = torch.randn(4, 1, 6, 6, generator=torch.Generator().manual_seed(0))
    targets = {"map": torch.zeros(4, 6, 6, dtype=torch.int64)}
    with torch.no_grad():
        teacher = TwoHeads()(images)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.5)
    first = task.loss(network(images), targets, teacher).item()
    for _ in range(20):
        optimizer.zero_grad()
        task.loss(network(images), targets, teacher).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert task.loss(network(images), targets, teacher).item() < first
    quality = task.measure(network, [(images, targets)])
    assert quality.values["pixel_accuracy"] == pytest.approx(
        quality.examples["pixel_accuracy"].mean()
    )
    assert quality.examples["pixel_accuracy"].shape == (4,)


def test_the_contract_itself_is_no_task() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Task()  # type: ignore[abstract]


@pytest.mark.parametrize("task", [Classification, Detection, Segmentation])
def test_a_task_says_in_one_line_how_outputs_are_read(task: type[Task]) -> None:
    assert task.reading
    assert "\n" not in task.reading
