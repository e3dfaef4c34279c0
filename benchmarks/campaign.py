"""Hours of work in several processes, as much of it as time allows."""

import argparse
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path
from time import monotonic
from typing import Any, final

from search_methods import quiet

from gensynth.errors import GensynthError
from gensynth.executors.workers import end_with_parent
from gensynth.network.hardware import keep_freed_memory


@final
class Campaign:
    """Work in processes until all is done or time is up.

    Args:
        workers: processes.
        minutes: after which nothing more is waited for.
    """

    def __init__(self, workers: int, minutes: float) -> None:
        self._end = monotonic() + 60 * minutes
        context = get_context("spawn")
        self._pool = ProcessPoolExecutor(workers, mp_context=context, initializer=set_up)

    def run(self, work: Callable[[Any], Any], tasks: list[Any], done: Callable[[Any], None]) -> int:
        """Call `done` with what comes of every task; return how many are left or have failed."""
        left = {self._pool.submit(work, task) for task in tasks}
        failed = 0
        while left:
            remaining = max(0.0, self._end - monotonic())
            finished, left = wait(left, timeout=remaining, return_when=FIRST_COMPLETED)
            if not finished:
                print("time is up; what was trained is kept for the next time", flush=True)
                break
            for one in finished:
                try:
                    done(one.result())
                except GensynthError as error:
                    print(f"a search has failed: {error}", flush=True)
                    failed += 1
        return len(left) + failed

    def close(self) -> None:
        """End the processes, also in the middle of a training."""
        processes = multiprocessing.active_children()
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()


def parser_of(text: str | None) -> argparse.ArgumentParser:
    """Return a parser of what every campaign on CIFAR-10 is told; text: what it does."""
    parser = argparse.ArgumentParser(
        description=text, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="holds cifar-10-batches-py/")
    parser.add_argument("--minutes", type=float, default=1e4, help="when to stop for this time")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    return parser


def set_up() -> None:
    """Set up a worker process."""
    end_with_parent()
    quiet()
    keep_freed_memory()
