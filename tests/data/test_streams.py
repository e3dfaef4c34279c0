"""Streams against numpy's own generator."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gensynth.data.streams import Stream, permutation, uniform

INTEGERS = st.integers(-(2**70), 2**70)


@settings(deadline=None)
@given(seed=INTEGERS, epoch=INTEGERS, stream=st.sampled_from(Stream))
def test_numbers_are_numpys_own_philox_uniforms(seed: int, epoch: int, stream: Stream) -> None:
    key = np.array([seed % 2**64, epoch % 2**64], dtype=np.uint64)
    counter = np.array([0, 0, 0, int(stream)], dtype=np.uint64)
    oracle = np.random.Generator(np.random.Philox(key=key, counter=counter)).random(9)
    np.testing.assert_array_equal(uniform(stream, seed=seed, epoch=epoch, count=9), oracle)


def test_a_longer_draw_starts_with_the_shorter_one() -> None:
    long = uniform(Stream.ORDER, seed=3, epoch=5, count=1000)
    np.testing.assert_array_equal(long[:7], uniform(Stream.ORDER, seed=3, epoch=5, count=7))


@pytest.mark.parametrize(
    ("stream", "seed", "epoch"),
    [(Stream.SPLIT, 1, 2), (Stream.ORDER, 2, 2), (Stream.ORDER, 1, 1), (Stream.ORDER, 2, 1)],
)
def test_stream_seed_and_epoch_each_give_other_numbers(
    stream: Stream, seed: int, epoch: int
) -> None:
    one = uniform(Stream.ORDER, seed=1, epoch=2, count=2000)
    other = uniform(stream, seed=seed, epoch=epoch, count=2000)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.1


def test_permutation_holds_every_number_once_and_ignores_global_state() -> None:
    np.random.seed(1)  # noqa: NPY002 - the point is that it has no effect
    one = permutation(Stream.ORDER, seed=0, epoch=0, count=500)
    np.random.seed(2)  # noqa: NPY002
    other = permutation(Stream.ORDER, seed=0, epoch=0, count=500)
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(np.sort(one), np.arange(500))
    assert not np.array_equal(one, permutation(Stream.ORDER, seed=0, epoch=1, count=500))
