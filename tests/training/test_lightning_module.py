"""What one step of a training is, against the same step by hand."""

import math

import pytest
import torch
from torch import Tensor, nn
from torch.optim import SGD
from torch.optim.lr_scheduler import LambdaLR

from gensynth.errors import TrainingFailed
from gensynth.tasks.classification import Classification
from gensynth.training.lightning_module import CHECK_EVERY_STEPS, Fitting

TASK = Classification(label_smoothing=0.0, distillation_weight=0.0, temperature=1.0)


def fitting(network: nn.Module) -> Fitting:
    optimizer = SGD(network.parameters(), lr=0.1)
    schedule = LambdaLR(optimizer, lambda _: 1.0)
    return Fitting(network, TASK, optimizer, schedule, gradient_clip=0.0)


def batch(value: float = 1.0) -> tuple[Tensor, Tensor, None]:
    return torch.full((4, 3), value), torch.tensor([0, 1, 0, 1]), None


def test_a_step_is_the_task_s_loss_and_counts_images() -> None:
    network = nn.Linear(3, 2)
    module = fitting(network)
    images, targets, _ = batch()
    loss = module.training_step(batch(), 0)
    expected = nn.functional.cross_entropy(network(images), targets)
    torch.testing.assert_close(loss, expected)
    assert module.images == 4


def test_a_loss_that_is_no_number_ends_the_training_within_a_few_steps() -> None:
    module = fitting(nn.Linear(3, 2))
    for step in range(CHECK_EVERY_STEPS - 1):
        module.training_step(batch(math.nan), step)
    with pytest.raises(TrainingFailed, match="nan"):
        module.training_step(batch(math.nan), CHECK_EVERY_STEPS - 1)


def test_an_epoch_s_loss_is_the_mean_over_its_steps() -> None:
    module = fitting(nn.Linear(3, 2))
    losses = [float(module.training_step(batch(value), 0).detach()) for value in (0.5, 1.0, 2.0)]
    module.on_train_epoch_end()
    assert module.epoch_losses == [pytest.approx(sum(losses) / 3)]
