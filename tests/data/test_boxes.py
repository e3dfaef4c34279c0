"""Rows of objects: stacked with room to spare, cut at borders by hand arithmetic."""

import numpy as np
import torch

from gensynth.data.boxes import FIELDS, KIND, Kind, moved, stacked


def row(*corners: float, kind: Kind = Kind.OBJECT) -> list[float]:
    return [*corners, 0.0, float(kind)]


def test_images_with_few_or_no_objects_have_empty_rows() -> None:
    two = np.array([row(0, 0, 1, 1), row(1, 1, 2, 2)], dtype=np.float32)
    table = stacked([two, np.zeros((0, FIELDS), dtype=np.float32)])
    assert table.shape == (2, 2, FIELDS)
    np.testing.assert_array_equal(table[0], two)
    assert not table[1].any()
    assert stacked([two[:0]]).shape == (1, 1, FIELDS)
    assert stacked([two], most=5).shape == (1, 5, FIELDS)


def test_objects_are_cut_at_the_border_and_ignored_where_little_shows() -> None:
    objects = torch.tensor([[row(0, 0, 1, 1)] * 4 + [row(0, 0, 1, 1, kind=Kind.IGNORED)]])
    corners = torch.tensor(
        [
            [2.0, 2, 6, 6],  # all of it
            [-4, 0, 4, 4],  # half
            [-9, 0, 1, 4],  # a tenth
            [-5, 0, -1, 4],  # nothing
            [6, 2, 10, 6],
        ]
    )
    found = moved(objects, corners[None], (8, 8), least_visible=0.3)[0]
    assert found[:, KIND].tolist() == [
        Kind.OBJECT,
        Kind.OBJECT,
        Kind.IGNORED,
        Kind.EMPTY,
        Kind.IGNORED,
    ]
    assert found[0, :4].tolist() == [2, 2, 6, 6]
    assert found[1, :4].tolist() == [0, 0, 4, 4]
    assert found[2, :4].tolist() == [0, 0, 1, 4]
    assert not found[3].any()
    assert found[4, :4].tolist() == [6, 2, 8, 6]


def test_empty_rows_stay_empty() -> None:
    nothing = torch.zeros(1, 2, FIELDS)
    assert not moved(nothing, torch.ones(1, 2, 4) * torch.tensor([1.0, 1, 5, 5]), (8, 8), 0.3).any()
