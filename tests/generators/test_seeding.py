"""Seeds and the streams drawn from them."""

import numpy as np
import pytest

from gensynth.generators.seeding import seed_of, uniforms


def test_seeds_are_63_bit_and_all_different() -> None:
    seeds = [
        seed_of(run, cycle, index, retry)
        for run in range(5)
        for cycle in range(8)
        for index in range(8)
        for retry in range(4)
    ]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert max(seeds) > 2**62  # all 63 bits are used


def test_a_seed_follows_from_its_place_alone() -> None:
    assert seed_of(1, 2, 3) == seed_of(1, 2, 3, 0)
    assert seed_of(1, 2, 3) != seed_of(1, 3, 2)
    assert seed_of(1, 2, 3) != seed_of(2, 2, 3)


def test_a_row_depends_on_its_seed_alone() -> None:
    seeds = [seed_of(0, 0, index) for index in range(6)]
    rows = uniforms(seeds, 7)
    np.testing.assert_array_equal(uniforms(seeds[::-1], 7), rows[::-1])
    np.testing.assert_array_equal(uniforms(seeds[2:3], 7), rows[2:3])
    np.testing.assert_array_equal(uniforms(seeds, 3), rows[:, :3])


def test_numbers_are_uniform_over_seeds_and_along_rows() -> None:
    numbers = uniforms(range(2000), 20)
    assert numbers.min() >= 0
    assert numbers.max() < 1
    np.testing.assert_allclose(numbers.mean(0), 0.5, atol=5 / np.sqrt(12 * 2000))
    np.testing.assert_allclose(numbers.var(0), 1 / 12, atol=0.01)
    correlation = np.corrcoef(numbers.T) - np.eye(20)
    assert np.abs(correlation).max() < 5 / np.sqrt(2000)


@pytest.mark.parametrize("choices", [0, 3])
def test_no_seeds_and_no_choices_are_fine(choices: int) -> None:
    assert uniforms([], choices).shape == (0, choices)
    assert uniforms([1], choices).shape == (1, choices)
