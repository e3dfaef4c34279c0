"""Columns keep their names, kinds and priors together."""

import numpy as np

from gensynth.inquisitors.columns import Column, prior_means, scaled_by_kind

COLUMNS = (
    Column("bias", "known", 1.5, 2.0),
    Column("one choice", "choice", 0.0, 0.5),
    Column("losses", "insight", -0.2, 3.0),
    Column("costs", "cost", 0.1, 0.1),
)


def test_kinds_part_the_columns_and_scale_them_by_their_prior() -> None:
    parts = scaled_by_kind(COLUMNS, np.ones((2, 4)))
    np.testing.assert_allclose(parts["known"], [[2.0]] * 2)
    np.testing.assert_allclose(parts["cost"], [[0.1]] * 2)
    np.testing.assert_allclose(parts["choice"], [[0.5]] * 2)
    np.testing.assert_allclose(parts["insight"], [[3.0]] * 2)


def test_means_follow_the_order_of_the_columns() -> None:
    np.testing.assert_allclose(prior_means(COLUMNS), [1.5, 0.0, -0.2, 0.1])
    np.testing.assert_allclose(prior_means(COLUMNS, 3.0), [1.5, 0.0, -0.6, 0.3])
