"""Which precision is meant, and that it is used."""

import pytest
import torch

from gensynth.network.hardware import detect_precision
from gensynth.training.precision import autocast, resolve

CPU = torch.device("cpu")


def test_auto_asks_the_hardware_and_others_mean_what_they_say() -> None:
    assert resolve("auto", CPU) == detect_precision(CPU)
    assert resolve("float32", CPU) == "float32"
    assert resolve("bfloat16", CPU) == "bfloat16"


@pytest.mark.parametrize("name", ["float32", "bfloat16"])
def test_networks_compute_in_it(name: str) -> None:
    with autocast(resolve(name, CPU), CPU):  # type: ignore[arg-type]
        assert torch.nn.Linear(2, 2)(torch.zeros(1, 2)).dtype == getattr(torch, name)
