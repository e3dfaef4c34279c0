"""Random shifts and mirror images, for targets that say what is seen and not where."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gensynth.data.augmentation import Augmentation
from gensynth.data.streams import Stream, uniform
from gensynth.errors import ConfigurationError

Border = Literal["reflect", "zero"]
_PAD_MODE: dict[Border, Literal["reflect", "constant"]] = {"reflect": "reflect", "zero": "constant"}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Shift(Augmentation):
    """Random shifts and mirror images.

    Args:
        shift: largest shift in pixels, in each direction; 0 switches shifting off.
        flip: mirror half of the images, left to right.
        border: what a shift lets in: the image mirrored at its edge, or zeros.
        seed: of the moves.

    Raises:
        ConfigurationError: a negative shift or an unknown border.
    """

    shift: int
    flip: bool
    border: Border
    seed: int

    def __post_init__(self) -> None:
        if self.shift < 0:
            raise ConfigurationError(f"data.augmentation.shift={self.shift} must be 0 or more")
        if self.border not in _PAD_MODE:
            raise ConfigurationError(
                f"data.augmentation.border={self.border} must be one of {', '.join(_PAD_MODE)}"
            )

    def settings(self) -> dict[str, Any]:
        """Return the fields."""
        return asdict(self)

    def moves(self, epoch: int, count: int) -> NDArray[np.int64]:
        """Return (count, 3): top and left of the crop in the padded image, and 1 to mirror it.

        Row i depends on (seed, epoch, i) only.
        """
        draws = uniform(Stream.AUGMENT, seed=self.seed, epoch=epoch, count=3 * count)
        options = np.array([2 * self.shift + 1, 2 * self.shift + 1, 2 if self.flip else 1])
        moves: NDArray[np.int64] = (draws.reshape(count, 3) * options).astype(np.int64)
        return moves

    def kept(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return (n, h + 2 shift, w + 2 shift, c) from (n, h, w, c).

        Raises:
            ConfigurationError: the images are too small for the shift.
        """
        if self.shift >= min(images.shape[1:3]):
            raise ConfigurationError(
                f"data.augmentation.shift={self.shift} must be below the images' "
                f"{images.shape[1]} x {images.shape[2]} pixels"
            )
        edge = (self.shift, self.shift)
        return np.pad(images, ((0, 0), edge, edge, (0, 0)), mode=_PAD_MODE[self.border])

    def plain(self, kept: Tensor) -> Tensor:
        """Return the (n, h, w, c) images without their border."""
        inside = slice(self.shift, -self.shift or None)
        return kept[:, inside, inside]

    def targets(self, targets: Tensor, moves: Tensor, size: tuple[int, int]) -> Tensor:
        """Return the targets unchanged."""
        del moves, size
        return targets

    def images(self, kept: Tensor, indices: Tensor, moves: Tensor) -> Tensor:
        """Return the (b, h, w, c) augmented images of a batch, uint8, contiguous.

        Args:
            kept: (n, h + 2 shift, w + 2 shift, c), contiguous, what `kept` made.
            indices: (b,) which images, int64.
            moves: (b, 3) their rows of `moves`, int64.
        """
        count, full_height, full_width, channels = kept.shape
        height, width = full_height - 2 * self.shift, full_width - 2 * self.shift
        # A row of a crop is a run of bytes. Seen as a table of all such runs, overlapping, the
        # padded images give a whole batch in one index_select: three times faster than indexing.
        runs = kept.as_strided(
            (count * full_height * full_width - width + 1, width * channels), (channels, 1)
        )
        corner = (indices * full_height + moves[:, 0]) * full_width + moves[:, 1]
        rows = torch.arange(height, device=kept.device) * full_width
        picked = runs.index_select(0, (corner[:, None] + rows).flatten())
        crops = picked.view(len(indices), height, width, channels)
        if not self.flip:
            return crops
        return torch.where(moves[:, 2].bool().view(-1, 1, 1, 1), crops.flip(2), crops)
