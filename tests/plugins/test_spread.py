"""Variances that arrive in batches against those of everything at once."""

import numpy as np
import pytest
import torch

from gensynth_plugins.taylor.spread import Spread


def test_batches_and_directions_give_the_mean_of_variances() -> None:
    numbers = torch.randn(3, 50, 7, generator=torch.Generator().manual_seed(0)).double()
    spread = Spread()
    for start in range(0, 50, 16):
        for direction in range(3):
            spread.add(direction, numbers[direction, start : start + 16])
    expected = numbers.var(1, correction=0).mean(0).numpy()
    np.testing.assert_allclose(spread.variance(), expected)


def test_constants_do_not_vary() -> None:
    spread = Spread()
    spread.add(0, torch.full((9,), 0.1))
    assert spread.variance() == pytest.approx(0.0, abs=1e-12)
