"""Every decoding keeps the contract: surest first, classes apart, nothing found in nothing."""

import pytest
import torch

from gensynth.tasks.decoding.decoding import Decoding
from gensynth.tasks.decoding.grouping import Grouping
from gensynth.tasks.decoding.non_maximum_suppression import NonMaximumSuppression

EVERY = [
    NonMaximumSuppression(threshold=0.05, overlap=0.4, limit=20),
    Grouping(threshold=0.6, members=0, tolerance=0.2, least_height=0, limit=20),
]


@pytest.mark.parametrize("decoding", EVERY, ids=lambda one: type(one).__name__)
def test_the_contract(decoding: Decoding) -> None:
    rng = torch.Generator().manual_seed(0)
    corner = torch.rand(30, 2, generator=rng) * 60
    boxes = torch.cat([corner, corner + 5 + 30 * torch.rand(30, 2, generator=rng)], dim=1)
    found = decoding.detections(torch.rand(3, 30, generator=rng), boxes)
    assert 0 < len(found.scores) <= 20
    assert found.scores.tolist() == sorted(found.scores.tolist(), reverse=True)
    assert found.corners.shape == (len(found.scores), 4)
    assert found.classes.dtype == torch.int64
    assert set(found.classes.tolist()) <= {0, 1, 2}
    nothing = decoding.detections(torch.zeros(3, 30), boxes)
    assert nothing.corners.shape == (0, 4)
    assert nothing.scores.shape == nothing.classes.shape == (0,)
