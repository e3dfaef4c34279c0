"""Largest differences, absolute and as a share of PyTorch's largest magnitude."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gensynth.export.agreement import BAR, Agreement, compare
from gensynth.export.program import plain_copy

Case = Any


class Off(nn.Module):
    """Answers as another network, with one number of an output changed for one image."""

    def __init__(self, network: nn.Module, images: Tensor, by: dict[str, float]) -> None:
        super().__init__()
        self.network, self.odd, self.by = network, images[-1], by

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        answers: dict[str, Tensor] = self.network(images)
        for name, by in self.by.items():
            answers[name][(images == self.odd).flatten(1).all(1), 0, 0, 0] += by
        return answers


def test_a_network_agrees_with_itself(detector: Case) -> None:
    network = plain_copy(detector.network)
    assert compare(network, network, detector.images) == Agreement(11, 0.0, 0.0)


@pytest.mark.parametrize("name", ["coverage", "boxes"])
def test_one_number_of_one_image_is_found(detector: Case, name: str) -> None:
    network, images = plain_copy(detector.network), detector.images
    with torch.no_grad():
        largest = float(network(images)[name].abs().max())
    found = compare(network, Off(network, images, {name: 0.01}), images)
    assert found.absolute == pytest.approx(0.01, rel=1e-3)
    assert found.relative == pytest.approx(0.01 / largest, rel=1e-3)
    assert not found.holds


def test_of_several_outputs_the_worst_counts(detector: Case) -> None:
    network, images = plain_copy(detector.network), detector.images
    each = [compare(network, Off(network, images, {n: 0.1}), images) for n in ("coverage", "boxes")]
    both = compare(network, Off(network, images, {"coverage": 0.1, "boxes": 0.1}), images)
    assert both.relative == max(one.relative for one in each)


def test_what_is_no_number_does_not_agree(detector: Case) -> None:
    network, images = plain_copy(detector.network), detector.images
    found = compare(network, Off(network, images, {"boxes": math.nan}), images)
    assert math.isnan(found.relative)
    assert not found.holds


def test_the_bar_itself_holds() -> None:
    assert Agreement(1, 1.0, BAR).holds
    assert not Agreement(1, 0.0, 1.01 * BAR).holds
