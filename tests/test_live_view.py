"""The foot of a terminal: how the search stands, a line per training, the log above."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from rich.console import Console

from gensynth.live_view import lines, live
from gensynth.training import Progress

TRAINING = Progress("c00-1-12345678 short", 2, 5, 0.4, 0.25, 812.3)


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """The root logger with one handler that writes to standard output."""
    root, handler = logging.getLogger(), logging.StreamHandler(sys.stdout)
    root.addHandler(handler)
    yield root
    root.removeHandler(handler)


def keep(folder: Path, name: str, progress: Progress) -> None:
    (folder / ".progress").mkdir(exist_ok=True)
    (folder / ".progress" / name).write_text(json.dumps(asdict(progress)))


def test_every_training_has_a_line_below_the_search(tmp_path: Path) -> None:
    assert lines(lambda: ["cycle 1/3"], tmp_path) == ["cycle 1/3"]
    keep(tmp_path, "11.json", TRAINING)
    keep(tmp_path, ".12.json", TRAINING)  # half written
    shown = lines(lambda: ["cycle 1/3"], tmp_path)
    assert shown == [
        "cycle 1/3",
        "c00-1-12345678 short  epoch 2/5  40%  loss 0.250  812 images/s",
    ]


def test_trainings_of_a_run_that_was_killed_are_not_shown(tmp_path: Path) -> None:
    keep(tmp_path, "11.json", TRAINING)
    with live(list, tmp_path, Console(file=io.StringIO(), force_terminal=True)):
        assert lines(list, tmp_path) == []


def test_the_search_is_shown_while_it_runs_and_what_is_logged_stays(
    tmp_path: Path, logger: logging.Logger
) -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    keep(tmp_path, "11.json", TRAINING)
    with live(lambda: ["cycle 1/3"], tmp_path, console):
        logger.warning("a line of the log")
    text = screen.getvalue()
    assert "cycle 1/3" in text
    assert "c00-1-12345678 short" in text
    assert text.index("a line of the log") < text.rindex("cycle 1/3")
    (handler,) = (one for one in logger.handlers if type(one) is logging.StreamHandler)
    assert handler.stream is sys.stdout
