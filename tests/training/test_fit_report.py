"""A report adds up."""

from collections.abc import Callable

import pytest
import torch

from gensynth.data.digits import Digits
from gensynth.network.graph_network import GraphNetwork
from gensynth.tasks.classification import Classification
from gensynth.training import Training


def test_images_seconds_and_threads_are_those_of_the_training(
    network: Callable[..., GraphNetwork],
    task: Classification,
    digits: Digits,
    recipe: Callable[..., Training],
) -> None:
    report = recipe().fit(network(), task, digits, epochs=2, seed=0)
    assert report.images_per_second * report.seconds == pytest.approx(2 * 5 * 64)
    assert report.epochs == 2
    assert report.precision == "float32"
    assert report.threads == torch.get_num_threads()
