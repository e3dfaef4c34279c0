"""From stored bytes to what a network reads."""

from collections.abc import Sequence
from typing import Self, final

import torch
from torch import Tensor

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)
"""Of pixel / 255, red, green and blue; what networks that were trained on ImageNet expect."""


@final
class Normalisation:
    """(pixel / 255 - mean) / std per channel, as one multiply-add.

    Args:
        mean: per channel, of pixel / 255.
        std: per channel, of pixel / 255.
        pixels: height times width of the images.
    """

    def __init__(self, *, mean: Sequence[float], std: Sequence[float], pixels: int) -> None:
        with torch.inference_mode(False):
            scale = 1 / torch.tensor(std, dtype=torch.float64)
            offset = -torch.tensor(mean, dtype=torch.float64) * scale
            # One value per pixel and channel: to broadcast three channels takes six times as long.
            self._scale = (scale / 255).float().repeat(pixels)
            self._offset = offset.float().repeat(pixels)

    def to(self, device: torch.device) -> Self:
        """Compute on a device from now on."""
        self._scale, self._offset = self._scale.to(device), self._offset.to(device)
        return self

    def __call__(self, images: Tensor) -> Tensor:
        """Return (b, c, h, w) float32 in channels_last format from (b, h, w, c) uint8."""
        flat = images.reshape(len(images), -1).float()
        normal = torch.addcmul(self._offset, flat, self._scale)
        return normal.view(images.shape).permute(0, 3, 1, 2)
