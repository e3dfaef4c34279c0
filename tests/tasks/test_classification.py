"""The loss against numpy, the accuracy against torchmetrics."""

import pickle

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torchmetrics.functional.classification import multiclass_accuracy

from gensynth.errors import ConfigurationError, DataError
from gensynth.tasks.classification import Classification

RNG = np.random.default_rng(3)
LOGITS = RNG.normal(size=(7, 5))
TEACHER = RNG.normal(size=(7, 5)) * 2
TARGETS = RNG.integers(0, 5, 7)


def task(
    *, label_smoothing: float = 0.0, distillation_weight: float = 0.0, temperature: float = 1.0
) -> Classification:
    return Classification(
        label_smoothing=label_smoothing,
        distillation_weight=distillation_weight,
        temperature=temperature,
    )


def softmax(x: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(x)
    result: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return result


def loss(one: Classification, teacher: NDArray[np.float64] | None = None) -> float:
    taught = None if teacher is None else torch.tensor(teacher)
    return float(one.loss(torch.tensor(LOGITS), torch.tensor(TARGETS), taught))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_without_a_teacher_the_loss_is_smoothed_cross_entropy(smoothing: float) -> None:
    wanted = np.full((7, 5), smoothing / 5)
    wanted[np.arange(7), TARGETS] += 1 - smoothing
    expected = -(wanted * np.log(softmax(LOGITS))).sum(axis=1).mean()
    one = task(label_smoothing=smoothing, distillation_weight=0.7, temperature=3.0)
    assert loss(one) == pytest.approx(expected, rel=1e-6)


def test_a_teacher_adds_its_divergence_at_the_temperature() -> None:
    weight, temperature = 0.3, 4.0
    student, teacher = softmax(LOGITS / temperature), softmax(TEACHER / temperature)
    divergence = (teacher * np.log(teacher / student)).sum(axis=1).mean()
    hard = -np.log(softmax(LOGITS))[np.arange(7), TARGETS].mean()
    expected = (1 - weight) * hard + weight * temperature**2 * divergence
    one = task(distillation_weight=weight, temperature=temperature)
    assert loss(one, TEACHER) == pytest.approx(expected, rel=1e-6)


def test_a_hot_teacher_asks_for_its_logits_up_to_a_constant() -> None:
    # Hinton et al. 2015, equation 4, times T^2: half the mean square over the classes.
    centred = (LOGITS - LOGITS.mean(1, keepdims=True)) - (TEACHER - TEACHER.mean(1, keepdims=True))
    expected = 0.5 * (centred**2).mean()
    one = task(distillation_weight=1.0, temperature=300.0)
    assert loss(one, TEACHER) == pytest.approx(expected, rel=0.02)


def test_whoever_agrees_with_the_teacher_learns_only_from_the_targets() -> None:
    one = task(distillation_weight=0.4, temperature=2.0)
    assert loss(one, LOGITS) == pytest.approx(0.6 * loss(one), rel=1e-6)


def test_reduced_precision_ends_in_a_float32_loss() -> None:
    one = task(distillation_weight=0.5, temperature=4.0)
    output = torch.tensor(LOGITS).bfloat16().requires_grad_()
    found = one.loss(output, torch.tensor(TARGETS), torch.tensor(TEACHER).half())
    found.backward()  # type: ignore[no-untyped-call]
    assert found.dtype == torch.float32
    assert output.grad is not None


def test_a_network_with_one_named_output_is_a_classifier() -> None:
    one, output, targets = task(), torch.tensor(LOGITS), torch.tensor(TARGETS)
    assert one.loss({"logits": output}, targets, None) == one.loss(output, targets, None)


def test_a_network_with_two_outputs_is_none() -> None:
    output = torch.tensor(LOGITS)
    with pytest.raises(ValueError, match=r"boxes.*logits"):
        task().loss({"logits": output, "boxes": output}, torch.tensor(TARGETS), None)


class Scores(nn.Module):
    """Answers with what it was asked, and changes when it is left in training mode."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(6)

    def forward(self, x: Tensor) -> Tensor:
        answer: Tensor = self.norm(x)
        return answer


def batches(count: int) -> list[tuple[Tensor, Tensor]]:
    rng = torch.Generator().manual_seed(1)
    x = torch.randn(count, 6, generator=rng)
    y = torch.randint(0, 6, (count,), generator=rng)
    return list(zip(torch.split(x, 32), torch.split(y, 32), strict=True))


def test_accuracy_equals_torchmetrics() -> None:
    asked = batches(150)
    quality = task().measure(Scores(), asked)
    x, y = (torch.cat(part) for part in zip(*asked, strict=True))
    expected = 100 * float(multiclass_accuracy(x, y, num_classes=6, average="micro"))
    assert quality.values == {"accuracy": pytest.approx(expected, abs=1e-4)}
    assert quality.examples["accuracy"].mean() == pytest.approx(expected, abs=1e-4)


def test_examples_say_which_images_were_hits_in_order() -> None:
    asked = batches(70)
    x, y = (torch.cat(part) for part in zip(*asked, strict=True))
    expected = np.where((x.argmax(1) == y).numpy(), 100.0, 0.0)
    np.testing.assert_array_equal(task().measure(Scores(), asked).examples["accuracy"], expected)


def test_measuring_leaves_the_network_as_it_was() -> None:
    network = Scores().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    task().measure(network, batches(64))
    assert network.training
    assert network.norm.training
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])


def test_the_standard_error_is_the_binomial_one_for_many_images() -> None:
    quality = task().measure(Scores(), batches(6400))
    share = quality.values["accuracy"] / 100
    expected = 100 * (share * (1 - share) / 6400) ** 0.5
    assert quality.standard_errors["accuracy"] == pytest.approx(expected, rel=0.01)


def test_a_perfect_score_is_not_a_certainty() -> None:
    x = torch.eye(6) * 9
    quality = task().measure(Scores(), [(x, torch.arange(6))])
    assert quality.values["accuracy"] == 100.0
    assert quality.standard_errors["accuracy"] > 0.0


def test_nothing_to_measure_is_an_error() -> None:
    with pytest.raises(DataError, match="empty"):
        task().measure(Scores(), [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("label_smoothing", 1.0),
        ("label_smoothing", -0.1),
        ("distillation_weight", 1.1),
        ("temperature", 0.0),
        ("temperature", float("nan")),
    ],
)
def test_values_out_of_range_are_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(ConfigurationError, match=f"task.{name}={value}"):
        task(**{name: value})


def test_the_digest_holds_every_setting_and_survives_the_way_to_a_worker() -> None:
    one = task(label_smoothing=0.1, distillation_weight=0.5, temperature=4.0)
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own bytes
    others = [{"label_smoothing": 0.2}, {"distillation_weight": 0.6}, {"temperature": 2.0}]
    settings = {"label_smoothing": 0.1, "distillation_weight": 0.5, "temperature": 4.0}
    digests = {task(**(settings | change)).digest for change in [{}, *others]}
    assert one.digest in digests
    assert len(digests) == 4


def test_one_logit_per_class() -> None:
    assert task().output_channels(("cat", "dog", "frog")) == 3
