"""Random zooms, mirror images and colours, for targets that say what is where."""

from dataclasses import asdict, dataclass
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gensynth.data.augmentation import Augmentation
from gensynth.data.frame import LUMA, axis, grey, resampled
from gensynth.data.streams import Stream, uniform
from gensynth.errors import ConfigurationError

VOID = 255
"""Label of positions that no class is known of: nobody learns from them or is measured there."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Warp(Augmentation):
    """Zoom by a random factor to a random place; where the image ends its border is repeated.

    Label maps follow the images and may have another size; beyond the image they are void.

    Args:
        smallest: least zoom; below 1 the image takes up a part of the frame.
        largest: greatest zoom; above 1 the frame shows a part of the image. Zooms are uniform on a
            logarithmic scale.
        flip: mirror half of the images, left to right.
        colour: brightness, contrast and saturation are multiplied by 1 - colour .. 1 + colour.
        seed: of the moves.

    Raises:
        ConfigurationError: a value is outside its range.
    """

    smallest: float
    largest: float
    flip: bool
    colour: float
    seed: int

    def __post_init__(self) -> None:
        if not 0 < self.smallest <= self.largest:
            raise ConfigurationError(
                f"data.augmentation: smallest={self.smallest} must be above 0 and at most "
                f"largest={self.largest}"
            )
        if not 0 <= self.colour < 1:
            raise ConfigurationError(
                f"data.augmentation.colour={self.colour} must be from 0 to below 1"
            )

    def settings(self) -> dict[str, Any]:
        """Return the fields."""
        return asdict(self)

    def moves(self, epoch: int, count: int) -> NDArray[np.float32]:
        """Return (count, 7): zoom, place across and down, mirror, brightness, contrast, saturation.

        Places are the frame's middle in the image, both from -1 to 1; mirror is -1 or 1.
        """
        draws = uniform(Stream.AUGMENT, seed=self.seed, epoch=epoch, count=7 * count)
        draws = draws.reshape(count, 7)
        zoom = self.smallest * (self.largest / self.smallest) ** draws[:, 0]
        places = (2 * draws[:, 1:3] - 1) * np.abs(1 - 1 / zoom)[:, None]
        mirror = np.where(draws[:, 3] < 0.5, -1.0, 1.0) if self.flip else np.ones(count)
        colours = 1 + self.colour * (2 * draws[:, 4:] - 1)
        return np.column_stack([zoom, places, mirror, colours]).astype(np.float32)

    def kept(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the images."""
        return np.ascontiguousarray(images)

    def plain(self, kept: Tensor) -> Tensor:
        """Return the images."""
        return kept

    def images(self, kept: Tensor, indices: Tensor, moves: Tensor) -> Tensor:
        """Return the (b, h, w, c) changed images, float32 in 0 .. 255."""
        images = kept[indices].permute(0, 3, 1, 2).float()
        height, width = images.shape[-2:]
        warped = resampled(images, _across(moves, width), _down(moves, height))
        return self._coloured(warped, moves).permute(0, 2, 3, 1).contiguous()

    def targets(self, targets: Tensor, moves: Tensor, size: tuple[int, int]) -> Tensor:
        """Return (b, h, w) label maps at the images' size: the label nearest to each pixel.

        Args:
            targets: (b, H, W) labels of the images as they were.
            moves: (b, 7).
            size: height and width of the images.
        """
        rows, outside_rows = _nearest(_down(moves, size[0]), targets.shape[1])
        columns, outside_columns = _nearest(_across(moves, size[1]), targets.shape[2])
        batch = torch.arange(len(targets), device=targets.device)[:, None, None]
        labels = targets[batch, rows[:, :, None], columns[:, None, :]]
        return labels.masked_fill(outside_rows[:, :, None] | outside_columns[:, None, :], VOID)

    def _coloured(self, images: Tensor, moves: Tensor) -> Tensor:
        if not self.colour:
            return images
        brightness, contrast, saturation = (moves[:, i].view(-1, 1, 1, 1) for i in (4, 5, 6))
        if images.shape[1] == len(LUMA):
            images = torch.lerp(grey(images), images, saturation)
        mean = images.mean(dim=(1, 2, 3), keepdim=True)
        return (torch.lerp(mean, images, contrast) * brightness).clamp(0, 255)


def _across(moves: Tensor, cells: int) -> Tensor:
    return axis(cells, middle=moves[:, 1], step=moves[:, 3] / moves[:, 0])


def _down(moves: Tensor, cells: int) -> Tensor:
    return axis(cells, middle=moves[:, 2], step=1 / moves[:, 0])


def _nearest(places: Tensor, cells: int) -> tuple[Tensor, Tensor]:
    """Return the (b, n) cells that places lie in, and which places lie in none."""
    found = torch.floor((places + 1) / 2 * cells).long()
    return found.clamp(0, cells - 1), (found < 0) | (found >= cells)
