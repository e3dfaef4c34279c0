"""Effective ranks and orders against eigenvalues, known cases and brute force."""

import numpy as np
import pytest

from gensynth_plugins.effective_rank.spectrum import (
    correlations,
    effective_ranks,
    representative_order,
)

ROWS = 4000


def mixed(rng: np.random.Generator) -> np.ndarray:
    """Rows of nine channels, mixtures of four independent ones, with different scales."""
    sources = rng.normal(size=(ROWS, 4))
    mixtures: np.ndarray = sources @ rng.normal(size=(4, 9)) * rng.uniform(0.1, 10, 9)
    return mixtures


def test_ranks_are_participation_ratios_of_eigenvalues() -> None:
    correlation = correlations(mixed(np.random.default_rng(0)))
    ranks = effective_ranks(correlation, 10**9)  # so many rows leave nothing to correct
    for width in range(1, 10):
        values = np.linalg.eigvalsh(correlation[:width, :width])
        shares = values / values.sum()
        assert ranks[width - 1] == pytest.approx(np.exp(-np.log((shares**2).sum())))


def test_copies_count_once_and_independent_channels_each() -> None:
    rng = np.random.default_rng(1)
    one = rng.normal(size=(ROWS, 1))
    copies = effective_ranks(correlations(one * [1.0, -3.0, 0.5, 7.0]), ROWS)
    np.testing.assert_allclose(copies, 1.0)
    independent = effective_ranks(correlations(rng.normal(size=(ROWS, 30))), ROWS)
    np.testing.assert_allclose(independent, np.arange(1, 31), rtol=0.02)


def test_few_rows_do_not_make_independent_channels_look_alike() -> None:
    drawn = [
        effective_ranks(correlations(np.random.default_rng(seed).normal(size=(40, 20))), 40)[-1]
        for seed in range(50)
    ]
    assert np.mean(drawn) > 19  # 13.5 if chance correlations counted


def test_dead_channels_add_nothing_and_come_last() -> None:
    features = mixed(np.random.default_rng(2))
    dead = np.insert(features, [0, 4], [7.0, 0.0], axis=1)
    correlation = correlations(dead)
    ranks = effective_ranks(correlation, ROWS)
    alive = effective_ranks(correlations(features), ROWS)
    np.testing.assert_allclose(ranks, [0, *alive[:4], alive[3], *alive[4:]])
    assert set(representative_order(correlation)[-2:]) == {0, 5}
    assert (effective_ranks(correlations(np.ones((9, 3))), 9) == 0).all()


def left_unexplained(correlation: np.ndarray, chosen: list[int]) -> float:
    """Return the variance of all channels that a regression on the chosen ones leaves."""
    inverse = np.linalg.pinv(correlation[np.ix_(chosen, chosen)])
    explained = correlation[:, chosen] @ inverse @ correlation[chosen]
    return float(np.trace(correlation - explained))


def test_next_comes_who_leaves_the_least_unexplained() -> None:
    rng = np.random.default_rng(3)
    correlation = correlations(mixed(rng) + rng.normal(size=(ROWS, 9)))
    order = representative_order(correlation)
    assert sorted(order) == list(range(9))
    for place, chosen in enumerate(order[:-1]):
        before = list(order[:place])
        left = {one: left_unexplained(correlation, [*before, one]) for one in order[place:]}
        assert left[chosen] == pytest.approx(min(left.values()))


def test_a_copy_comes_after_all_that_is_new() -> None:
    rng = np.random.default_rng(4)
    features = rng.normal(size=(ROWS, 5))
    copied = np.concatenate([features, features[:, [2]]], axis=1)
    assert representative_order(correlations(copied))[-1] in (2, 5)
