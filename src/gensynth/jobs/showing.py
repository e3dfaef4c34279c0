"""How much of a run the terminal shows: the setting `view`."""

import logging
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Literal, cast, get_args

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode

from gensynth.errors import ConfigurationError
from gensynth.terminal import Narrator, terminal_handlers

View = Literal["live", "lines", "quiet"]


def resolve(view: str) -> View:
    """Return what `auto` means here: live on a terminal that shows one run, lines elsewhere.

    Raises:
        ConfigurationError: there is no such view.
    """
    if view == "auto":
        sweeping = HydraConfig.initialized() and HydraConfig.get().mode is RunMode.MULTIRUN
        return "live" if sys.stdout.isatty() and not sweeping else "lines"
    if view not in get_args(View):
        raise ConfigurationError(f"view={view} must be auto or one of {', '.join(get_args(View))}")
    return cast("View", view)


@contextmanager
def hushed(view: View) -> Iterator[None]:
    """Keep everything but warnings from the terminal if the view is quiet; files get it all."""
    terminal = terminal_handlers()
    levels = [handler.level for handler in terminal]
    for handler in terminal if view == "quiet" else ():
        handler.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for handler, level in zip(terminal, levels, strict=True):
            handler.setLevel(level)


def following(view: View, narrator: Narrator, folder: Path) -> AbstractContextManager[None]:
    """Return what shows a search while it runs; nothing beside the log unless the view is live."""
    if view != "live":
        return nullcontext()
    from gensynth.live_view import live

    return live(narrator.status, folder)
