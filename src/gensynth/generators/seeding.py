"""Where every seed s and every random number drawn from it come from."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def seed_of(run_seed: int, cycle: int, index: int, retry: int = 0) -> int:
    """Return the seed s of one candidate.

    NumPy's SeedSequence hashes the run seed with (cycle, index, retry) as spawn key, so that
    neighbouring runs, cycles and candidates share nothing. Its first 64-bit word, halved, is the
    seed: 63 bits fit into any store's signed integer.

    Args:
        run_seed: the configuration's `seed`, 0 or more.
        cycle: turn of the loop, from 0.
        index: position within the cycle, from 0.
        retry: how many seeds of this candidate were refused before.
    """
    sequence = np.random.SeedSequence(run_seed, spawn_key=(cycle, index, retry))
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))


def uniforms(seeds: Sequence[int], choices: int) -> NDArray[np.float64]:
    """Return (n, choices) numbers in [0, 1); row i depends on seeds[i] alone.

    Every seed keys a counter-based stream of its own (Philox 4x64, Salmon et al. 2011), hence the
    size and the order of a batch never change a row.

    Args:
        seeds: n integers, 0 <= seed < 2**128.
        choices: numbers to draw for each seed.
    """
    rows = np.empty((len(seeds), choices))
    for row, seed in zip(rows, seeds, strict=True):
        np.random.Generator(np.random.Philox(key=int(seed))).random(out=row)
    return rows
