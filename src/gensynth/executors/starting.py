"""What processes are told when they start, and what they are kept from."""

import multiprocessing
import os
import signal
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def starting(threads: int) -> Iterator[None]:
    """Give processes that start inside their threads, and keep a terminal's signals from them.

    A launcher may have made its own way of starting processes this one's default; spawned processes
    are told the default, and would not know it.

    OpenMP reads its variable when a process loads torch; threads that spin for each other on too
    few cores cost more than an order of magnitude. Ctrl-C and the terminal's closing reach every
    process of it, but this one alone decides what becomes of them, and ends the workers without
    their tracebacks.
    """
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = str(threads)
    method = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method("spawn", force=True)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        multiprocessing.set_start_method(method, force=True)
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before


@contextmanager
def main_kept(*, needed: bool) -> Iterator[None]:
    """Keep processes that start inside from importing the program's main module, unless needed.

    A script that calls gensynth would run a second time in each of them.
    """
    main = sys.modules["__main__"]
    if not needed:
        sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
