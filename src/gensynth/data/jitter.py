"""Random shifts, zooms, mirror images and colours, for targets that are boxes."""

from dataclasses import asdict, dataclass
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gensynth.data.augmentation import Augmentation
from gensynth.data.boxes import CLASS, moved
from gensynth.data.frame import axis, grey, resampled
from gensynth.data.streams import Stream, uniform
from gensynth.errors import ConfigurationError

LEAST_VISIBLE = 0.3
"""Share of an object that a frame must show for it to be learned from."""

DRAWS = 7


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Jitter(Augmentation):
    """What DetectNet was trained with: shift, mirror, zoom, hue and less colour.

    Boxes follow the images and are cut at the border; objects of which little shows are ignored.

    Args:
        shift: up to so many pixels, across and down.
        flip: mirror half of the images, left to right.
        smallest: least zoom; below 1 the image takes up a part of the frame, and around it its
            border is repeated.
        largest: greatest zoom; above 1 the frame shows a part of the image.
        zoom_share: of the images that are zoomed, 0 to 1; zooms are uniform on a logarithmic scale.
        hue: up to so many degrees, 0 to 180.
        desaturation: up to so much of the colour is taken away, 0 to 1.
        seed: of the moves.

    Raises:
        ConfigurationError: a value is outside its range.
    """

    shift: int
    flip: bool
    smallest: float
    largest: float
    zoom_share: float
    hue: float
    desaturation: float
    seed: int

    def __post_init__(self) -> None:
        if not 0 < self.smallest <= self.largest:
            raise ConfigurationError(
                f"data.augmentation: smallest={self.smallest} must be above 0 and at most "
                f"largest={self.largest}"
            )
        for name, most in (("zoom_share", 1), ("desaturation", 1), ("hue", 180)):
            if not 0 <= getattr(self, name) <= most:
                raise ConfigurationError(
                    f"data.augmentation.{name}={getattr(self, name)} must be 0 to {most}"
                )
        if self.shift < 0:
            raise ConfigurationError(f"data.augmentation.shift={self.shift} must be 0 or more")

    def settings(self) -> dict[str, Any]:
        """Return the fields."""
        return asdict(self)

    def moves(self, epoch: int, count: int) -> NDArray[np.float32]:
        """Return (count, 6): zoom, shift across and down in pixels, mirror, hue in radians, colour.

        Mirror is -1 or 1; colour is the share that is left.
        """
        draws = uniform(Stream.AUGMENT, seed=self.seed, epoch=epoch, count=DRAWS * count)
        draws = draws.reshape(count, DRAWS)
        zoom = self.smallest * (self.largest / self.smallest) ** draws[:, 0]
        zoom = np.where(draws[:, 1] < self.zoom_share, zoom, 1.0)
        shifts = self.shift * (2 * draws[:, 2:4] - 1)
        mirror = np.where(draws[:, 4] < 0.5, -1.0, 1.0) if self.flip else np.ones(count)
        hue = np.deg2rad(self.hue) * (2 * draws[:, 5] - 1)
        colour = 1 - self.desaturation * draws[:, 6]
        return np.column_stack([zoom, shifts, mirror, hue, colour]).astype(np.float32)

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
        zoom, mirror = moves[:, 0], moves[:, 3]
        across = axis(width, middle=-2 * moves[:, 1] / width / zoom * mirror, step=mirror / zoom)
        down = axis(height, middle=-2 * moves[:, 2] / height / zoom, step=1 / zoom)
        changed = self._coloured(resampled(images, across, down), moves)
        return changed.permute(0, 2, 3, 1).contiguous()

    def targets(self, targets: Tensor, moves: Tensor, size: tuple[int, int]) -> Tensor:
        """Return (b, m, 6) objects where the changed images show them.

        Args:
            targets: (b, m, 6) of the images as they were.
            moves: (b, 6).
            size: height and width of the images in pixels.
        """
        height, width = size
        zoom, shift_x, shift_y, mirror = (moves[:, None, i : i + 1] for i in range(4))
        left, top, right, bottom = (targets[..., i : i + 1] for i in range(CLASS))
        flipped = mirror < 0
        left, right = left.where(~flipped, width - right), right.where(~flipped, width - left)
        across = (torch.cat([left, right], -1) - width / 2) * zoom + width / 2 + shift_x
        down = (torch.cat([top, bottom], -1) - height / 2) * zoom + height / 2 + shift_y
        corners = torch.stack([across[..., 0], down[..., 0], across[..., 1], down[..., 1]], -1)
        return moved(targets, corners, size, LEAST_VISIBLE)

    def _coloured(self, images: Tensor, moves: Tensor) -> Tensor:
        if images.shape[1] != 3 or not (self.hue or self.desaturation):
            return images
        brightness = grey(images)
        chroma = turned(images - brightness, moves[:, 4])
        return (brightness + chroma * moves[:, 5].view(-1, 1, 1, 1)).clamp(0, 255)


def turned(chroma: Tensor, angles: Tensor) -> Tensor:
    """Return (b, 3, h, w) colours less grey, turned about the grey axis by (b,) radians.

    By Rodrigues' formula; all channels of a grey colour are equal, so the axis is (1, 1, 1).
    """
    one = torch.eye(3, device=chroma.device)
    mean = torch.full((3, 3), 1 / 3, device=chroma.device)
    cross = (one.roll(-1, 1) - one.roll(1, 1)) / 3**0.5
    cosine, sine = angles.cos().view(-1, 1, 1), angles.sin().view(-1, 1, 1)
    matrices = cosine * one + (1 - cosine) * mean + sine * cross
    return torch.einsum("bij,bjhw->bihw", matrices, chroma)
