"""The one place that touches global random state."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Run a block under global random states that depend on the seed only, then restore them.

    Covers torch (every CUDA device in use), NumPy's legacy state and Python's `random`; what is
    outside the block never notices that the block ran.

    Args:
        seed: non-negative, below 2**63.
    """
    legacy, python = np.random.get_state(), random.getstate()  # noqa: NPY002 - others may use it
    in_use = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    devices = range(torch.cuda.device_count()) if in_use else ()
    with torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002
        random.seed(seed)
        try:
            yield
        finally:
            np.random.set_state(legacy)  # noqa: NPY002
            random.setstate(python)
