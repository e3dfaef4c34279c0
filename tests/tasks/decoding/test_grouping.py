"""Groups of boxes by hand: votes are counted, means taken, small groups beside large ones go."""

import math
from typing import Any

import pytest
import torch

from gensynth.errors import ConfigurationError
from gensynth.tasks.decoding.grouping import Grouping, near


def grouping(**changes: Any) -> Grouping:
    given = {"threshold": 0.6, "members": 2, "tolerance": 0.2, "least_height": 5, "limit": 50}
    return Grouping(**(given | changes))


def around(box: tuple[float, ...], count: int, step: float = 0.1) -> torch.Tensor:
    return torch.tensor(box) + step * torch.arange(count)[:, None]


BIG, FAR = (10.0, 10.0, 50.0, 90.0), (60.0, 10.0, 90.0, 90.0)


def test_boxes_that_agree_vote_for_their_mean() -> None:
    boxes = torch.cat([around(BIG, 5), around(FAR, 3), torch.tensor([[0.0, 0, 9, 9]])])
    found = grouping().detections(torch.full((1, 9), 0.9), boxes)
    torch.testing.assert_close(
        found.corners, torch.tensor([BIG, FAR]) + torch.tensor([[0.2], [0.1]])
    )
    assert found.scores.tolist() == pytest.approx([math.log(5), math.log(3)])
    assert found.classes.tolist() == [0, 0]


def test_a_group_needs_more_than_so_many_members_above_the_threshold() -> None:
    boxes = around(BIG, 4)
    sure = torch.tensor([[0.9, 0.9, 0.9, 0.5]])
    assert len(grouping(members=3).detections(sure, boxes).scores) == 0
    assert len(grouping(members=2).detections(sure, boxes).scores) == 1
    assert len(grouping().detections(torch.zeros(2, 4), boxes).scores) == 0


def test_nearness_connects_but_only_relative_to_the_size() -> None:
    # Corners 8 apart; sizes 40 x 80 allow 0.2 x (40 + 80) / 2 = 12, sizes 20 x 20 allow 4.
    large = torch.tensor([[0.0, 0, 40, 80], [8, 8, 48, 88]])
    assert near(large, 0.2).all()
    small = torch.tensor([[0.0, 0, 20, 20], [8, 8, 28, 28]])
    assert torch.equal(near(small, 0.2), torch.eye(2, dtype=torch.bool))
    chain = around((0.0, 0, 40, 80), 6, step=8.0)
    found = grouping().detections(torch.ones(1, 6), chain)
    assert found.scores.tolist() == pytest.approx([math.log(6)])


def test_a_small_group_inside_a_larger_one_is_no_object() -> None:
    inside = around((20.0, 30, 40, 60), 3)
    both = torch.cat([around(BIG, 6), inside])
    assert len(grouping().detections(torch.ones(1, 9), both).scores) == 1
    as_large = torch.cat([around(BIG, 6), around((20.0, 30, 40, 60), 6)])
    assert len(grouping().detections(torch.ones(1, 12), as_large).scores) == 2


def test_low_boxes_are_left_out_and_classes_kept_apart() -> None:
    low = around((10.0, 10, 50, 13), 4)
    assert len(grouping().detections(torch.ones(1, 4), low).scores) == 0
    found = grouping().detections(torch.ones(2, 4), around(BIG, 4))
    assert found.classes.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("name", "value"),
    [("threshold", 1.0), ("members", -1), ("tolerance", -0.1), ("least_height", -1), ("limit", 0)],
)
def test_wrong_settings_are_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(ConfigurationError, match=f"^decoding.{name}={value} must be"):
        grouping(**{name: value})
