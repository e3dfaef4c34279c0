"""A few lines at the foot of the terminal that stay up to date while a search runs."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.text import Text

from gensynth.run_files import PROGRESS
from gensynth.terminal import terminal_handlers
from gensynth.training import Progress

UPDATES_PER_SECOND = 2.0

Status = Callable[[], Sequence[str]]
"""Returns the lines to show now."""


@contextmanager
def live(status: Status, folder: Path, console: Console | None = None) -> Iterator[None]:
    """Show how a search stands, and every training that is going on, until the block ends.

    What is logged meanwhile appears above.

    Args:
        status: asked for its lines again and again.
        folder: the run's, where trainings keep their progress.
        console: a terminal; standard output by default.
    """
    shown = Live(
        console=console or Console(),
        get_renderable=lambda: Text("\n".join(lines(status, folder)), no_wrap=True),
        refresh_per_second=UPDATES_PER_SECOND,
        transient=True,
    )
    for path in (folder / PROGRESS).glob("*.json"):
        path.unlink(missing_ok=True)  # of a process that was killed
    handlers, own = terminal_handlers(), sys.stdout
    with shown:
        for handler in handlers:
            handler.setStream(sys.stdout)  # which is rich's now
        try:
            yield
        finally:
            for handler in handlers:
                handler.setStream(own)


def lines(status: Status, folder: Path) -> list[str]:
    """Return what is shown: the search, then a line per training."""
    files = sorted((folder / PROGRESS).glob("[!.]*.json"))
    trainings = [str(one) for path in files if (one := Progress.read(path)) is not None]
    return [*status(), *trainings]
