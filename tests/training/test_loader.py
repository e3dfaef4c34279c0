"""Every pass is the next epoch, and the teacher speaks of the pixels that go with it."""

from collections.abc import Callable
from pathlib import Path

import torch

from gensynth.data.digits import Digits
from gensynth.distillation import TeacherLogits
from gensynth.network.graph_network import GraphNetwork, evaluating
from gensynth.tasks.classification import Classification
from gensynth.training.loader import EpochLoader

TASK = Classification(label_smoothing=0.0, distillation_weight=0.5, temperature=4.0)


def test_answers_belong_to_the_augmented_images_beside_them(
    network: Callable[..., GraphNetwork], digits: Digits, tmp_path: Path
) -> None:
    net = network()
    teacher = TeacherLogits(
        net, TASK, digits, tmp_path, batch_size=50, precision="float32", threads=1
    )
    loader = EpochLoader(
        digits, teacher, batch_size=64, seed=1, memory_format=torch.contiguous_format
    )
    for _ in range(2):
        batches = list(loader)
        assert len(batches) == len(loader) == 5
        for images, targets, answers in batches:
            with evaluating(net):
                expected = net(images)
            assert isinstance(expected, torch.Tensor)
            assert answers is not None
            assert targets.shape == (64,)
            torch.testing.assert_close(answers.float(), expected, rtol=2e-3, atol=2e-3)


def test_passes_are_epochs_and_unused_iterators_do_not_count(digits: Digits) -> None:
    loader = EpochLoader(digits, None, batch_size=64, seed=1, memory_format=torch.channels_last)
    iter(loader)
    for epoch in range(2):
        expected = list(digits.train_batches(64, epoch, 1))
        for (images, targets, answers), (_, wanted, classes) in zip(loader, expected, strict=True):
            assert torch.equal(images, wanted)
            assert torch.equal(targets, classes)
            assert answers is None


def test_images_have_the_memory_order_asked_for(digits: Digits) -> None:
    for order in (torch.channels_last, torch.contiguous_format):
        loader = EpochLoader(digits, None, batch_size=64, seed=1, memory_format=order)
        assert next(iter(loader))[0].is_contiguous(memory_format=order)
