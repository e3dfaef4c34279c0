"""Which precision is meant."""

import torch

from gensynth.network.hardware import detect_precision
from gensynth.training.precision import resolve

CPU = torch.device("cpu")


def test_auto_asks_the_hardware_and_others_mean_what_they_say() -> None:
    assert resolve("auto", CPU) == detect_precision(CPU)
    assert resolve("float32", CPU) == "float32"
    assert resolve("bfloat16", CPU) == "bfloat16"
