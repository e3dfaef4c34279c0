"""Pictures are drawn of the same images for every network, in float32."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gensynth.data.digits import Digits
from gensynth.network.graph_network import GraphNetwork
from gensynth.tasks.classification import Classification
from gensynth.tasks.task import Batch
from gensynth.training import Training, draw_pictures
from gensynth.training.pictures import IMAGES


def test_a_task_draws_fixed_images_of_the_split(
    network: Callable[..., GraphNetwork],
    digits: Digits,
    task: Classification,
    recipe: Callable[..., Training],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[tuple[Tensor, Batch, Tensor]] = []
    whole: list[Tensor] = []

    def pictures(
        _: Classification, network: nn.Module, batch: Batch, pixels: Tensor, split: Iterable[Batch]
    ) -> Mapping[str, Any]:
        seen.append((network(batch[0]), batch, pixels))
        whole.extend(targets for _, targets in split)
        return {"one": np.zeros((1, 1, 3), dtype=np.uint8)}

    monkeypatch.setattr(Classification, "pictures", pictures)
    drawn = draw_pictures(network(), task, digits, "confirm", recipe(precision="bfloat16"))
    assert list(drawn) == ["one"]
    ((output, (images, targets), pixels),) = seen
    assert output.dtype == torch.float32
    assert len(images) == len(targets) == len(pixels) == IMAGES
    assert torch.equal(pixels, digits.samples("confirm", IMAGES)[0])
    assert torch.equal(torch.cat(whole), digits.images("confirm")[1])


def test_some_tasks_draw_nothing(
    network: Callable[..., GraphNetwork],
    digits: Digits,
    task: Classification,
    recipe: Callable[..., Training],
) -> None:
    assert draw_pictures(network(), task, digits, "confirm", recipe()) == {}
