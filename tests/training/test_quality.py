"""Measuring is done in float32, whatever was trained in, and leaves the network alone."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from gensynth.data.digits import Digits
from gensynth.errors import DataError
from gensynth.network.graph_network import GraphNetwork, evaluating
from gensynth.tasks.classification import Classification
from gensynth.training import Training, evaluate_quality


def test_accuracy_is_that_of_one_pass_over_the_whole_split(
    network: Callable[..., GraphNetwork],
    task: Classification,
    digits: Digits,
    recipe: Callable[..., Training],
) -> None:
    net = network()
    quality = evaluate_quality(net, task, digits, "confirm", recipe(batch_size=64))
    (images, targets), *rest = digits.batches("confirm", 10_000)
    assert rest == []
    with evaluating(net):
        output = net(images)
    assert isinstance(output, torch.Tensor)
    hits = (output.argmax(1) == targets).numpy()
    np.testing.assert_array_equal(quality.examples["accuracy"], np.where(hits, 100.0, 0.0))


@pytest.mark.parametrize(("precision", "channels_last"), [("float32", True), ("bfloat16", False)])
def test_the_recipe_says_the_memory_order_and_the_precision_is_float32(
    precision: str,
    channels_last: bool,
    network: Callable[..., GraphNetwork],
    task: Classification,
    digits: Digits,
    recipe: Callable[..., Training],
) -> None:
    net, seen = network().train(), []
    net.register_forward_hook(lambda _, inputs, output: seen.append((inputs[0], output)))
    one = recipe(precision=precision, channels_last=channels_last)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    evaluate_quality(net, task, digits, "search", one)
    order = torch.channels_last if channels_last else torch.contiguous_format
    assert {output.dtype for _, output in seen} == {torch.float32}
    assert all(images.is_contiguous(memory_format=order) for images, _ in seen)
    assert net.training
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_the_closed_test_split_stays_closed(
    network: Callable[..., GraphNetwork],
    task: Classification,
    digits: Digits,
    recipe: Callable[..., Training],
) -> None:
    with pytest.raises(DataError, match="closed"):
        evaluate_quality(network(), task, digits, "test", recipe())
