"""Splits are disjoint, complete, stratified, and stable."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gensynth.data.partition import Partition, Split, dealt, stratified_order
from gensynth.errors import ConfigurationError

PARTITION = Partition(search_images=20, confirm_images=50, train_images=None, seed=0)
TARGETS = np.random.default_rng(0).permutation(np.repeat(np.arange(10), 50)).astype(np.int64)


def test_splits_are_disjoint_complete_and_exactly_stratified() -> None:
    splits = PARTITION.divide(TARGETS)
    assert {name: len(members) for name, members in splits.items()} == {
        "train": 430,
        "search": 20,
        "confirm": 50,
    }
    np.testing.assert_array_equal(np.sort(np.concatenate(list(splits.values()))), np.arange(500))
    for members in splits.values():
        assert np.bincount(TARGETS[members]).tolist() == [len(members) // 10] * 10


@settings(deadline=None)
@given(
    targets=st.lists(st.integers(0, 3), min_size=1, max_size=60),
    cut=st.integers(0, 60),
    seed=st.integers(),
)
def test_every_leading_part_holds_classes_in_proportion(
    targets: list[int], cut: int, seed: int
) -> None:
    classes = np.array(targets, dtype=np.int64)
    order = stratified_order(classes, seed)
    np.testing.assert_array_equal(np.sort(order), np.arange(len(classes)))
    head = classes[order[:cut]]
    for one in range(4):
        expected = (classes == one).mean() * len(head)
        assert (
            abs((head == one).sum() - expected) <= 2.5
        )  # half an image, and half of one per other class


def test_the_seed_decides_and_nothing_else() -> None:
    again = replace(PARTITION).divide(TARGETS)
    other = replace(PARTITION, seed=1).divide(TARGETS)
    for name, members in PARTITION.divide(TARGETS).items():
        np.testing.assert_array_equal(members, again[name])
        assert not np.array_equal(members, other[name])


def test_confirm_and_search_do_not_depend_on_the_sizes_after_them() -> None:
    small = replace(PARTITION, search_images=10, train_images=7).divide(TARGETS)
    full = PARTITION.divide(TARGETS)
    np.testing.assert_array_equal(small["confirm"], full["confirm"])
    np.testing.assert_array_equal(small["search"], full["search"][:10])
    fewer = replace(PARTITION, train_images=7).divide(TARGETS)
    np.testing.assert_array_equal(fewer["train"], full["train"][:7])


@pytest.mark.parametrize(
    ("sizes", "named"),
    [
        ({"search_images": 450}, "data.search_images=450"),
        ({"confirm_images": 0}, "data.confirm_images=0"),
        ({"train_images": 431}, "data.train_images=431 must lie in 1..430"),
        ({"train_images": 0}, "data.train_images=0"),
    ],
)
def test_sizes_that_do_not_fit_are_refused_by_name(sizes: dict[str, int], named: str) -> None:
    settings = {"search_images": 20, "confirm_images": 50, "train_images": None, "seed": 0}
    with pytest.raises(ConfigurationError, match=named):
        Partition(**(settings | sizes)).divide(TARGETS)  # type: ignore[arg-type]


def test_everything_is_dealt_once_in_turn() -> None:
    order = np.array([4, 0, 3, 1, 2])
    counts: dict[Split, int] = {"test": 2, "train": 3}
    assert dealt(order, counts, "test").tolist() == [0, 4]
    assert dealt(order, counts, "train").tolist() == [1, 2, 3]
