"""DetectNet's targets: which cells of a grid an object covers, and where its box is from there.

After the published layers (NVIDIA's Caffe, `detectnet_coverage_rectangular.cpp`), with one change
of unit: corners are in cells and not in pixels, so that what a network has to say is near 1.
"""

from dataclasses import dataclass
from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor

from gensynth.data.boxes import CLASS, KIND, Kind


@final
@dataclass(frozen=True, slots=True)
class Cells:
    """What a grid of cells should answer to a batch of images.

    Args:
        coverage: (n, classes, rows, columns), from 0 to 1.
        boxes: (n, 4, rows, columns), corners relative to the cell's upper left one, in cells.
        weights: (n, 4, rows, columns), how much an error of a corner counts: 1 / the object's
            width or height, shared by the cells that it covers; 0 where there is none.
        known: (n, 1, rows, columns), 0 where nobody knows and 1 elsewhere.
    """

    coverage: Tensor
    boxes: Tensor
    weights: Tensor
    known: Tensor


@final
@dataclass(frozen=True, slots=True)
class CoverageRule:
    """Which part of an object covers cells: the middle of its box.

    Args:
        share: of the box's width and height.
        least: but at least so many pixels, and at most all of the box.
    """

    share: float
    least: float

    def extent(self, box: Tensor, cell: Tensor) -> Tensor:
        """Return the covering part's (..., 2) width and height in cells.

        Args:
            box: (..., 2) its width and height in cells.
            cell: (2,) width and height of a cell in pixels.
        """
        return (self.share * box).maximum(self.least / cell).minimum(box)

    def weights(self, box: Tensor, cell: Tensor) -> Tensor:
        """Return the (..., 4) weights of a covered cell's corners; see `Cells`."""
        shared = 1 / self.extent(box, cell).prod(-1, keepdim=True).clamp(min=1e-6)
        return (shared / box.clamp(min=1e-6)).repeat((1,) * (box.ndim - 1) + (2,))


def encode(
    objects: Tensor, classes: int, grid: tuple[int, int], size: tuple[int, int], rule: CoverageRule
) -> Cells:
    """Return what a grid should answer; where objects meet, the later one has the cell.

    Args:
        objects: (n, m, 6); see `data.boxes`.
        classes: how many there are.
        grid: rows and columns.
        size: height and width of the images in pixels.
        rule: which cells an object covers.
    """
    cell = cell_size(grid, size, objects.device)
    corners = objects[..., :CLASS] / cell.repeat(2)
    low, high = corners[..., :2], corners[..., 2:]
    half = rule.extent(high - low, cell) / 2
    middle = (low + high) / 2
    counted = objects[..., KIND] == Kind.OBJECT
    covered = _touched(middle - half, middle + half, grid) & counted[..., None, None]
    ignored = _touched(low, high, grid) & (objects[..., KIND] == Kind.IGNORED)[..., None, None]
    turns = torch.arange(1, objects.shape[1] + 1, device=objects.device)
    owner = (covered * turns[:, None, None]).amax(1)
    owned, index = owner > 0, (owner - 1).clamp(min=0).flatten(1)
    weights = rule.weights(high - low, cell)
    own_class = F.one_hot(_at(objects[..., CLASS : CLASS + 1], index, grid)[:, 0].long(), classes)
    return Cells(
        own_class.movedim(-1, 1).float() * owned[:, None],
        (_at(corners, index, grid) - _origins(grid, objects.device)) * owned[:, None],
        _at(weights, index, grid) * owned[:, None],
        (owned | ~ignored.any(1))[:, None].float(),
    )


def taught(answers: Tensor, cell: Tensor, rule: CoverageRule) -> Cells:
    """Return what a teacher's answers ask of a student: its coverage, its boxes where it is sure.

    Args:
        answers: (n, classes + 4, rows, columns), its coverage and its boxes.
        cell: (2,) width and height of a cell in pixels.
        rule: which cells an object covers.
    """
    coverage, boxes = answers[:, :-4], answers[:, -4:]
    extent = (boxes[:, 2:] - boxes[:, :2]).movedim(1, -1).clamp(min=1)
    weights = rule.weights(extent, cell).movedim(-1, 1)
    sure = coverage.amax(1, keepdim=True)
    return Cells(coverage, boxes, weights * sure, torch.ones_like(sure))


def corners_in_pixels(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Return (n, rows * columns, 4) corners in pixels, cut at the image's border.

    Where a network has right and bottom before left and top, the box has no area.

    Args:
        boxes: (n, 4, rows, columns) in cells, as `Cells` has them.
        size: height and width of the images in pixels.
    """
    grid = boxes.shape[-2], boxes.shape[-1]
    cell = cell_size(grid, size, boxes.device).repeat(2)
    corners = (boxes + _origins(grid, boxes.device)).flatten(2).movedim(1, -1) * cell
    height, width = size
    cut = corners.clamp(min=0).minimum(corners.new_tensor([width, height, width, height]))
    return torch.cat([cut[..., :2], cut[..., 2:].maximum(cut[..., :2])], dim=-1)


def cell_size(grid: tuple[int, int], size: tuple[int, int], device: torch.device) -> Tensor:
    """Return (2,) width and height of a cell in pixels."""
    return torch.tensor([size[1] / grid[1], size[0] / grid[0]], device=device)


def _touched(low: Tensor, high: Tensor, grid: tuple[int, int]) -> Tensor:
    """Return (n, m, rows, columns): which cells share area with (n, m, 2) rectangles."""
    axes = []
    for axis, cells in enumerate((grid[1], grid[0])):
        start = torch.arange(cells, device=low.device)
        axes.append((low[..., axis, None] < start + 1) & (high[..., axis, None] > start))
    return axes[1][..., :, None] & axes[0][..., None, :]


def _at(values: Tensor, index: Tensor, grid: tuple[int, int]) -> Tensor:
    """Return (n, k, rows, columns): for every cell the values (n, m, k) of one object."""
    chosen = values.gather(1, index[..., None].expand(-1, -1, values.shape[-1]))
    return chosen.movedim(-1, 1).reshape(len(values), -1, *grid)


def _origins(grid: tuple[int, int], device: torch.device) -> Tensor:
    """Return (4, rows, columns): each cell's column, row, column, row."""
    rows, columns = (torch.arange(cells, device=device) for cells in grid)
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    return torch.stack([x, y, x, y]).float()
