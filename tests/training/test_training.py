"""A training is a function of its arguments, does the stated arithmetic, and disturbs nobody."""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, final

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gensynth.data.digits import Digits
from gensynth.distillation import TeacherLogits
from gensynth.errors import ConfigurationError, TrainingFailed
from gensynth.network.graph_network import GraphNetwork, Output
from gensynth.tasks.classification import Classification
from gensynth.tasks.task import Batch, Quality, Task
from gensynth.training import TimeLimit, Training, evaluate_quality

Make = Callable[..., GraphNetwork]
Recipe = Callable[..., Training]

TASK = Classification(label_smoothing=0.0, distillation_weight=0.5, temperature=4.0)


def weights(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


@pytest.fixture
def teacher(network: Make, digits: Digits, tmp_path: Path) -> TeacherLogits:
    return TeacherLogits(
        network(9), TASK, digits, tmp_path, batch_size=100, precision="float32", threads=1
    )


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_same_seed_gives_the_same_weights_to_the_last_bit(
    precision: str, network: Make, task: Classification, digits: Digits, recipe: Recipe
) -> None:
    ends = []
    for seed in (4, 4, 5):
        net = network()
        recipe(precision=precision).fit(net, task, digits, epochs=2, seed=seed)
        ends.append(weights(net))
        torch.randn(3)  # what others draw in between has no part in it
    assert same(ends[0], ends[1])
    assert not same(ends[0], ends[2])


def states() -> tuple[bytes, str, object]:
    numpy_state = np.random.get_state(legacy=False)  # noqa: NPY002
    return torch.get_rng_state().numpy().tobytes(), repr(numpy_state), random.getstate()


def test_global_random_states_are_left_alone(
    network: Make, task: Classification, digits: Digits, recipe: Recipe
) -> None:
    torch.rand(1), np.random.rand(1), random.random()  # noqa: NPY002
    before = states()
    recipe().fit(network(), task, digits, epochs=1, seed=3)
    assert states() == before


def by_hand(
    net: nn.Module, task: Task, data: Digits, recipe: Training, teacher: TeacherLogits
) -> None:
    """Two epochs of the recipe without Lightning, without fused updates, one weight at a time."""
    net.train()
    velocity = {name: torch.zeros_like(weight) for name, weight in net.named_parameters()}
    steps, step = 2 * data.steps(recipe.batch_size), 0
    rise = round(recipe.warmup * steps)
    for epoch in range(2):
        for indices, images, targets in data.train_batches(recipe.batch_size, epoch, 3):
            taught = torch.from_numpy(np.array(teacher.logits(epoch)))[indices]
            net.zero_grad()
            task.loss(net(images), targets, taught).backward()  # type: ignore[no-untyped-call]
            grads = {n: w.grad.clone() for n, w in net.named_parameters() if w.grad is not None}
            length = torch.stack([g.square().sum() for g in grads.values()]).sum().sqrt()
            clip = min(1.0, recipe.gradient_clip / float(length))
            share = (step + 1) / rise if step < rise else None
            if share is None:
                share = (1 + np.cos(np.pi * (step - rise) / (steps - rise))) / 2
            with torch.no_grad():
                for name, weight in net.named_parameters():
                    decay = recipe.weight_decay if weight.ndim > 1 else 0.0
                    gradient = grads[name] * clip + decay * weight
                    velocity[name] = recipe.momentum * velocity[name] + gradient
                    ahead = gradient + recipe.momentum * velocity[name]
                    weight.sub_(recipe.learning_rate * share * ahead)
            step += 1


def test_the_arithmetic_is_that_of_a_loop_written_by_hand(
    network: Make, task: Classification, digits: Digits, recipe: Recipe, teacher: TeacherLogits
) -> None:
    one = recipe(weight_decay=0.05, gradient_clip=0.3, learning_rate=0.05)
    ours, theirs = network(), network()
    one.fit(ours, task, digits, epochs=2, seed=3, teacher=teacher)
    by_hand(theirs, task, digits, one, teacher)
    for name, value in weights(ours).items():
        torch.testing.assert_close(value, weights(theirs)[name], rtol=2e-3, atol=2e-5)


def test_a_teacher_makes_a_difference(
    network: Make, task: Classification, digits: Digits, recipe: Recipe, teacher: TeacherLogits
) -> None:
    taught, alone = network(), network()
    recipe().fit(taught, task, digits, epochs=1, seed=3, teacher=teacher)
    recipe().fit(alone, task, digits, epochs=1, seed=3)
    assert not same(weights(taught), weights(alone))


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_training_learns(
    precision: str, network: Make, task: Classification, digits: Digits, recipe: Recipe
) -> None:
    one, net = recipe(precision=precision), network(0, (8, 16, 16))
    before = evaluate_quality(net, task, digits, "search", one).values["accuracy"]
    report = one.fit(net, task, digits, epochs=12, seed=0)
    after = evaluate_quality(net, task, digits, "search", one).values["accuracy"]
    assert before < 40 < 80 < after
    assert report.final_loss < 2.0  # guessing costs log(10) = 2.3


def test_the_report_says_what_it_took(
    network: Make, task: Classification, digits: Digits, recipe: Recipe
) -> None:
    report = recipe(precision="bfloat16").fit(network(), task, digits, epochs=2, seed=0)
    assert report.epochs == 2
    assert report.precision == "bfloat16"
    assert report.threads == torch.get_num_threads()
    assert report.images_per_second * report.seconds == pytest.approx(2 * 320)


def test_nothing_is_left_behind(
    network: Make,
    task: Classification,
    digits: Digits,
    recipe: Recipe,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    recipe().fit(network(), task, digits, epochs=1, seed=0)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_said(
    network: Make,
    task: Classification,
    digits: Digits,
    recipe: Recipe,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    net = network()
    with caplog.at_level("INFO"):
        recipe(precision="bfloat16").fit(net, task, digits, epochs=1, seed=0)
    assert caplog.records == []
    assert tuple(capfd.readouterr()) == ("", "")


@final
class Counting(Task):
    """A loss with a fault from some step on."""

    def __init__(self, fault: float, *, step: int = 0, seconds: float = 0.0) -> None:
        self.fault, self.step, self.seconds, self.steps = fault, step, seconds, 0

    @property
    def quality(self) -> str:
        return "accuracy"

    @property
    def digest(self) -> str:
        return "counting"

    def output_channels(self, classes: Sequence[str]) -> int:
        return len(classes)

    def loss(self, output: Output, targets: Any, teacher: Output | None) -> Tensor:
        assert isinstance(output, Tensor)
        self.steps += 1
        time.sleep(self.seconds)
        return output.square().mean() * (self.fault if self.steps > self.step else 1.0)

    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> Quality:
        raise NotImplementedError


@pytest.mark.parametrize("fault", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_ends_the_training_soon(
    fault: float, network: Make, digits: Digits, recipe: Recipe
) -> None:
    task = Counting(fault, step=2)
    with pytest.raises(TrainingFailed, match=r"learning_rate below 0\.2"):
        recipe(batch_size=4).fit(network(), task, digits, epochs=30, seed=0)
    assert task.steps <= 50  # of 80 an epoch


def test_short_epochs_are_checked_too(network: Make, digits: Digits, recipe: Recipe) -> None:
    task = Counting(float("nan"))
    with pytest.raises(TrainingFailed, match="nan in epoch 1"):
        recipe().fit(network(), task, digits, epochs=30, seed=0)
    assert task.steps == digits.steps(64)


class Spoiled(nn.Module):
    """The loss is fine, its gradient is not."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        return self.weight.abs().sqrt() + x.mean() * 0


def test_weights_that_the_last_step_spoiled_are_noticed(digits: Digits, recipe: Recipe) -> None:
    with pytest.raises(TrainingFailed, match="after the last step"):
        recipe(batch_size=320).fit(Spoiled(), Counting(1.0), digits, epochs=1, seed=0)


def test_a_training_that_takes_too_long_is_given_up(
    network: Make, digits: Digits, recipe: Recipe
) -> None:
    counting = Counting(1.0, seconds=0.05)
    with pytest.raises(TrainingFailed, match=r"too slow.*limit for the whole training is 0\.2 s"):
        recipe().fit(
            network(),
            counting,
            digits,
            epochs=100,
            seed=0,
            watchers=[TimeLimit(seconds=0.2)],
        )
    assert counting.steps <= 5  # four last 0.2 s; 100 epochs have hundreds


def test_a_failed_training_restores_random_states(
    network: Make, digits: Digits, recipe: Recipe
) -> None:
    before = torch.get_rng_state()
    with pytest.raises(TrainingFailed):
        recipe().fit(network(), Counting(float("nan")), digits, epochs=1, seed=0)
    assert torch.equal(before, torch.get_rng_state())


def test_epochs_follow_the_fidelity(recipe: Recipe) -> None:
    one = recipe(short_epochs=2, long_epochs=7)
    assert (one.epochs("short"), one.epochs("long")) == (2, 7)


CHANGES: dict[str, Any] = {
    "batch_size": 32,
    "learning_rate": 0.3,
    "warmup": 0.0,
    "momentum": 0.5,
    "weight_decay": 0.0,
    "gradient_clip": 0.0,
    "precision": "bfloat16",
    "channels_last": False,
}


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_decides_the_weights_is_in_both_digests(name: str, recipe: Recipe) -> None:
    one = recipe()
    other = replace(one, **{name: CHANGES[name]})
    assert one.digest != other.digest
    assert one.prototype_digest != other.prototype_digest


def test_a_prototype_stays_cached_when_only_candidates_are_trained_differently(
    recipe: Recipe,
) -> None:
    one = recipe()
    other = replace(one, short_epochs=9, long_epochs=9, inherit=False, progress=True)
    assert one.prototype_digest == other.prototype_digest
    assert one.digest != other.digest
    assert one.digest == replace(one, prototype_epochs=9, progress=True).digest


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("short_epochs", 0),
        ("long_epochs", 0),
        ("prototype_epochs", -1),
        ("batch_size", 0),
        ("learning_rate", 0.0),
        ("learning_rate", float("inf")),
        ("warmup", 1.0),
        ("momentum", -0.1),
        ("weight_decay", -1e-4),
        ("gradient_clip", float("nan")),
        ("precision", "float16"),
    ],
)
def test_values_out_of_range_are_refused_by_name(name: str, value: object, recipe: Recipe) -> None:
    with pytest.raises(ConfigurationError, match=f"training.{name}={value}"):
        recipe(**{name: value})
