"""Non-maximum suppression against a brute force."""

import numpy as np
import pytest
import torch

from gensynth.errors import ConfigurationError
from gensynth.tasks.decoding.non_maximum_suppression import NonMaximumSuppression
from gensynth.tasks.matching import overlaps

RNG = np.random.default_rng(3)


def decoding(**changes: float) -> NonMaximumSuppression:
    return NonMaximumSuppression(**({"threshold": 0.3, "overlap": 0.4, "limit": 50} | changes))  # type: ignore[arg-type]


def random_boxes(count: int) -> torch.Tensor:
    corner = RNG.uniform(0, 60, (count, 2))
    return torch.tensor(np.hstack([corner, corner + RNG.uniform(5, 40, (count, 2))]))


def test_a_box_stays_unless_a_surer_one_of_its_class_overlaps_it() -> None:
    boxes, coverage = random_boxes(40), torch.tensor(RNG.uniform(0, 1, (2, 40)))
    found = decoding(limit=100).detections(coverage, boxes)
    expected = []
    for one in range(2):
        kept: list[int] = []
        for cell in np.argsort(-coverage[one].numpy()):
            near = overlaps(boxes[[cell]].numpy(), boxes[kept].numpy())[0]
            if coverage[one, cell] >= 0.3 and not (near > 0.4).any():
                kept.append(int(cell))
        expected += [(float(coverage[one, cell]), one, *boxes[cell].tolist()) for cell in kept]
    expected.sort(reverse=True)
    rows = zip(found.scores.tolist(), found.classes.tolist(), found.corners.tolist(), strict=True)
    assert [(score, one, *corners) for score, one, corners in rows] == expected


def test_there_are_no_more_than_the_limit_and_none_below_the_threshold() -> None:
    boxes, coverage = random_boxes(40), torch.full((1, 40), 0.9, dtype=torch.float64)
    assert len(decoding(overlap=1.0, limit=7).detections(coverage, boxes).scores) == 7
    assert len(decoding(threshold=0.95).detections(coverage, boxes).scores) == 0


@pytest.mark.parametrize(
    ("name", "value"), [("threshold", 0.0), ("overlap", 1.5), ("limit", 0), ("limit", 101)]
)
def test_wrong_settings_are_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(ConfigurationError, match=f"^decoding.{name}={value} must be"):
        decoding(**{name: value})
