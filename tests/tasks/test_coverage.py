"""Cells and boxes by hand, and that what is encoded decodes to the same boxes."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gensynth.data.boxes import Kind
from gensynth.tasks.coverage import CoverageRule, cell_size, corners_in_pixels, encode, taught

RULE = CoverageRule(share=0.4, least=20)
GRID, SIZE = (4, 6), (64, 96)


def rows(*boxes: tuple[float, ...], kind: Kind = Kind.OBJECT, of_class: int = 0) -> torch.Tensor:
    return torch.tensor([[[*box, of_class, kind] for box in boxes]], dtype=torch.float32)


def test_the_middle_of_an_object_covers_cells() -> None:
    # 50 x 50 around (48, 32): the middle is 20 x 20, from (38, 22) to (58, 42).
    cells = encode(rows((23, 7, 73, 57)), 1, GRID, SIZE, RULE)
    covered = torch.zeros(GRID)
    covered[1:3, 2:4] = 1
    assert torch.equal(cells.coverage[0, 0], covered)
    # Relative to the cell at column 2, row 1, whose corner is (32, 16), in cells of 16 pixels.
    corners = torch.tensor([23 - 32, 7 - 16, 73 - 32, 57 - 16]) / 16
    torch.testing.assert_close(cells.boxes[0, :, 1, 2], corners)
    # An error counts relative to 50 pixels; 20 x 20 pixels are 1.5625 cells that share it.
    torch.testing.assert_close(cells.weights[0, :, 1, 2], torch.full((4,), 16 / 50 / 1.5625))
    assert cells.known.all()
    assert not cells.weights[0, :, covered == 0].any()


def test_a_small_object_covers_with_at_most_its_own_size() -> None:
    extent = RULE.extent(torch.tensor([[10.0, 30.0], [100.0, 30.0]]) / 16, torch.full((2,), 16.0))
    torch.testing.assert_close(extent * 16, torch.tensor([[10.0, 20.0], [40.0, 20.0]]))


def test_classes_have_a_coverage_each_and_the_later_object_has_the_cell() -> None:
    both = torch.cat([rows((0, 0, 32, 32)), rows((0, 0, 40, 40), of_class=1)], dim=1)
    cells = encode(both, 2, GRID, SIZE, RULE)
    assert cells.coverage[0, :, 1, 1].tolist() == [0.0, 1.0]
    torch.testing.assert_close(cells.boxes[0, 2:, 0, 0], torch.full((2,), 2.5))
    assert float(cells.coverage.sum(1).max()) == 1.0


def test_what_is_ignored_is_unknown_but_for_what_objects_cover() -> None:
    both = torch.cat([rows((0, 0, 64, 64), kind=Kind.IGNORED), rows((16, 16, 36, 36))], dim=1)
    cells = encode(both, 1, GRID, SIZE, RULE)
    unknown = torch.zeros(GRID, dtype=torch.bool)
    unknown[:, :4] = True
    unknown[1:3, 1:3] = False
    assert torch.equal(cells.known[0, 0] == 0, unknown)
    assert torch.equal(cells.coverage[0, 0] > 0, cells.weights[0, 0] > 0)


def test_images_without_objects_are_all_background() -> None:
    cells = encode(torch.zeros(2, 3, 6), 1, GRID, SIZE, RULE)
    assert not cells.coverage.any()
    assert not cells.weights.any()
    assert cells.known.all()


@settings(max_examples=50, deadline=None)
@given(
    corner=st.tuples(st.floats(0, 70), st.floats(0, 40)),
    extent=st.tuples(st.floats(1, 96), st.floats(1, 64)),
    grid=st.sampled_from([(4, 6), (3, 5), (7, 11)]),
)
def test_every_covered_cell_decodes_to_the_same_box(
    corner: tuple[float, float], extent: tuple[float, float], grid: tuple[int, int]
) -> None:
    right, bottom = min(corner[0] + extent[0], 96.0), min(corner[1] + extent[1], 64.0)
    box = (*corner, right, bottom)
    cells = encode(rows(box), 1, grid, SIZE, RULE)
    owned = cells.coverage[0, 0].flatten() > 0
    assert owned.any()
    decoded = corners_in_pixels(cells.boxes, SIZE)[0, owned]
    torch.testing.assert_close(decoded, torch.tensor(box).expand_as(decoded), atol=1e-3, rtol=0)


def test_a_teacher_that_is_right_and_sure_asks_for_what_the_targets_ask() -> None:
    cells = encode(rows((23, 7, 73, 57)), 1, GRID, SIZE, RULE)
    answers = torch.cat([cells.coverage, cells.boxes], dim=1)
    found = taught(answers, cell_size(GRID, SIZE, answers.device), RULE)
    torch.testing.assert_close(found.coverage, cells.coverage)
    torch.testing.assert_close(found.weights, cells.weights)
    unsure = taught(answers * 0.5, cell_size(GRID, SIZE, answers.device), RULE)
    assert float(unsure.coverage.max()) == pytest.approx(0.5)


def test_a_box_that_is_inside_out_has_no_area() -> None:
    boxes = torch.tensor([2.0, 1, -1, 3]).view(1, 4, 1, 1).expand(-1, -1, *GRID)
    corners = corners_in_pixels(boxes, SIZE)
    assert corners[0, 0].tolist() == [32, 16, 32, 48]
    assert (corners[..., 2:] >= corners[..., :2]).all()
