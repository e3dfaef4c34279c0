"""Random numbers that are a function of (stream, seed, epoch, position) and of nothing else."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

_MASK = 2**64 - 1


class Stream(IntEnum):
    """Independent uses of one seed; stored results depend on the numbers, never reuse one."""

    SPLIT = 1
    ORDER = 2
    AUGMENT = 3
    SCENE = 4


def uniform(stream: Stream, *, seed: int, epoch: int, count: int) -> NDArray[np.float64]:
    """Return (count,) numbers in [0, 1); a longer draw starts with the shorter one.

    Raw counter-based bits (Salmon et al. 2011, Philox) are the one thing numpy promises never to
    change, so splits and augmentations stay the same across numpy versions and machines.

    Args:
        stream: what the numbers are for.
        seed: any integer; taken modulo 2**64.
        epoch: any integer; taken modulo 2**64.
        count: how many.

    >>> uniform(Stream.ORDER, seed=0, epoch=1, count=3).shape
    (3,)
    """
    key = np.array([seed & _MASK, epoch & _MASK], dtype=np.uint64)
    counter = np.array([0, 0, 0, stream], dtype=np.uint64)
    bits: NDArray[np.uint64] = np.random.Philox(key=key, counter=counter).random_raw(count)
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def permutation(stream: Stream, *, seed: int, epoch: int, count: int) -> NDArray[np.int64]:
    """Return 0 .. count - 1 in random order, int64."""
    keys = uniform(stream, seed=seed, epoch=epoch, count=count)
    return np.argsort(keys, kind="stable").astype(np.int64, copy=False)
