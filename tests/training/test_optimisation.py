"""The schedule rises and falls as stated; what must not decay does not."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from gensynth.training.optimisation import nesterov, one_cycle, one_cycle_schedule


@given(steps=st.integers(1, 300), warmup=st.floats(0, 0.99))
def test_the_rate_rises_to_the_peak_and_falls_towards_zero(steps: int, warmup: float) -> None:
    rates = [one_cycle(step, steps, warmup) for step in range(steps)]
    peak = rates.index(max(rates))
    assert max(rates) == 1.0
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert all(rate > 0.0 for rate in rates)


def test_a_long_training_ends_with_hardly_any_rate() -> None:
    assert one_cycle(999, 1000, 0.2) < 1e-5


def network() -> nn.Module:
    return nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(3, 2))


def test_only_convolutions_and_linear_layers_decay() -> None:
    net = network()
    before = {name: weight.detach().clone() for name, weight in net.named_parameters()}
    for weight in net.parameters():
        weight.grad = torch.zeros_like(weight)
    nesterov(net, learning_rate=0.5, momentum=0.0, weight_decay=0.1).step()
    for name, weight in net.named_parameters():
        share = 0.95 if name in {"0.weight", "3.weight"} else 1.0
        torch.testing.assert_close(weight.detach(), before[name] * share)


def test_frozen_weights_stay() -> None:
    net = network()
    for weight in net[0].parameters():  # type: ignore[index]
        weight.requires_grad_(False)
    optimizer = nesterov(net, learning_rate=0.5, momentum=0.9, weight_decay=0.1)
    updated = [weight for group in optimizer.param_groups for weight in group["params"]]
    assert len(updated) == 4
    assert all(weight.requires_grad for weight in updated)


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step")
def test_the_schedule_scales_every_group() -> None:
    optimizer = nesterov(network(), learning_rate=0.4, momentum=0.9, weight_decay=0.1)
    schedule = one_cycle_schedule(optimizer, steps=10, warmup=0.5)
    for step in range(10):
        rates = [group["lr"] for group in optimizer.param_groups]
        assert rates == pytest.approx([0.4 * one_cycle(step, 10, 0.5)] * 2)
        schedule.step()
