"""Which floating type a network computes in."""

from typing import Literal

import torch

from gensynth.network.hardware import Precision, detect_precision

PrecisionSetting = Literal["auto", "float32", "bfloat16"]
"""A precision, or `auto`: bfloat16 where the device multiplies it in hardware."""


def resolve(setting: PrecisionSetting, device: torch.device) -> Precision:
    """Return the precision a setting means on a device.

    >>> resolve("float32", torch.device("cpu"))
    'float32'
    """
    return detect_precision(device) if setting == "auto" else setting
