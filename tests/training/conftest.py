"""Tiny data, a tiny network and a recipe that takes parts of a second."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from gensynth.data.digits import Digits
from gensynth.data.shift import Shift
from gensynth.network.graph_network import GraphNetwork
from gensynth.prototypes.resnet import resnet
from gensynth.tasks.classification import Classification
from gensynth.training import Training


@pytest.fixture(scope="session")
def digits() -> Digits:
    """Return 320 train images of 8 x 8: five steps of 64."""
    return Digits(
        search_images=200,
        confirm_images=200,
        test_images=200,
        split_seed=0,
        train_images=320,
        size=8,
        augmentation=Shift(shift=1, flip=False, border="zero", seed=7),
    )


@pytest.fixture
def network(digits: Digits) -> Callable[..., GraphNetwork]:
    """Return a function that makes a ResNet-8 with fresh weights."""

    def make(seed: int = 0, widths: tuple[int, int, int] = (4, 8, 8)) -> GraphNetwork:
        graph = resnet(digits.input_shape, len(digits.classes), depth=8, widths=widths)
        return GraphNetwork(graph, torch.Generator().manual_seed(seed))

    return make


@pytest.fixture
def task() -> Classification:
    """Return classification with half an eye on the teacher."""
    return Classification(label_smoothing=0.1, distillation_weight=0.5, temperature=4.0)


@pytest.fixture
def recipe() -> Callable[..., Training]:
    """Return a function that makes a recipe, with changes."""

    def make(**changes: Any) -> Training:
        settings: dict[str, Any] = {
            "short_epochs": 1,
            "long_epochs": 2,
            "prototype_epochs": 3,
            "batch_size": 64,
            "learning_rate": 0.2,
            "warmup": 0.3,
            "momentum": 0.9,
            "weight_decay": 5e-4,
            "gradient_clip": 1.0,
            "precision": "float32",
            "channels_last": True,
            "inherit": True,
            "progress": False,
        }
        return Training(**(settings | changes))

    return make
