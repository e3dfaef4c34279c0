"""Images resampled on new frames, and how bright they are: what augmentations share."""

import torch
import torch.nn.functional as F
from torch import Tensor

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in a colour's brightness (ITU-R BT.601)."""


def axis(cells: int, *, middle: Tensor, step: Tensor) -> Tensor:
    """Return (b, cells): where a frame's cells lie in the image, -1 and 1 at the image's edges.

    Args:
        cells: of the frame along this axis.
        middle: (b,) where the frame's middle lies.
        step: (b,) half the frame's length; negative where it runs backwards.
    """
    middles = (2 * torch.arange(cells, device=middle.device) + 1) / cells - 1
    return middle[:, None] + middles * step[:, None]


def resampled(images: Tensor, across: Tensor, down: Tensor) -> Tensor:
    """Return (b, c, h, w) images read bilinearly at a frame's cells; beyond an image its border.

    Args:
        images: (b, c, H, W) float32.
        across: (b, w) places, -1 and 1 at the edges.
        down: (b, h) likewise.
    """
    shape = len(images), down.shape[1], across.shape[1]
    places = across[:, None].expand(shape), down[:, :, None].expand(shape)
    grid = torch.stack(places, dim=-1)
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)


def grey(images: Tensor) -> Tensor:
    """Return the (b, 1, h, w) brightness of (b, 3, h, w) colours."""
    weights = torch.tensor(LUMA, device=images.device).view(1, -1, 1, 1)
    return (images * weights).sum(1, keepdim=True)
