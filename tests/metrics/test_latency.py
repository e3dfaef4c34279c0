"""Latency is the median of timed passes, after a warm-up that does not count."""

import time

import pytest
import torch
from torch import Tensor, nn

from gensynth.metrics.latency import Latency


class Clocked(nn.Module):
    """Takes scripted milliseconds, on a clock of its own, and notes what it was given."""

    def __init__(self, milliseconds: list[float]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.remaining = milliseconds
        self.now = 0.0
        self.shapes: list[tuple[int, ...]] = []

    def forward(self, images: Tensor) -> Tensor:
        assert not self.training
        assert not torch.is_grad_enabled()
        self.shapes.append(tuple(images.shape))
        self.now += self.remaining.pop(0) / 1000
        return images


def test_median_of_timed_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Clocked([500, 500, 4, 2, 90, 3, 1])
    monkeypatch.setattr(time, "perf_counter", lambda: network.now)
    metric = Latency(batch_size=4, warm_up=2, repeats=5)
    assert metric.name == "latency_ms"
    assert metric.measure(network, (3, 8, 6)) == pytest.approx(3)
    assert network.shapes == [(4, 3, 8, 6)] * 7
    assert network.training


def test_times_are_in_order_of_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Clocked([7, 5, 9])
    monkeypatch.setattr(time, "perf_counter", lambda: network.now)
    times = Latency(warm_up=0, repeats=3).times(network, (1, 2, 2))
    assert times == pytest.approx([7, 5, 9])


def test_a_real_network_takes_time(plain: nn.Module) -> None:
    assert Latency(warm_up=1, repeats=3).measure(plain, (3, 12, 12)) > 0
