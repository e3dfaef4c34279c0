"""A line on a terminal, rewritten; plain lines elsewhere."""

import io
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import final

import pytest

from gensynth.data.digits import Digits
from gensynth.network.graph_network import GraphNetwork
from gensynth.tasks.classification import Classification
from gensynth.training import Training
from gensynth.training.progress import Progress, ProgressFile, ProgressLine

Shown = Callable[[io.StringIO], str]


@final
class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def shown(
    network: Callable[..., GraphNetwork],
    task: Classification,
    digits: Digits,
    recipe: Callable[..., Training],
    monkeypatch: pytest.MonkeyPatch,
) -> Shown:
    """Return a function that trains for two epochs of five steps and returns what it showed."""

    def train(stream: io.StringIO) -> str:
        line = partial(ProgressLine, stream=stream, pause_seconds=0.0)
        monkeypatch.setattr("gensynth.training.training.ProgressLine", line)
        recipe(progress=True).fit(network(), task, digits, epochs=2, seed=0)
        return stream.getvalue()

    return train


def test_a_terminal_shows_one_line_that_is_gone_in_the_end(shown: Shown) -> None:
    text = shown(Terminal())
    assert "\n" not in text
    updates = text.split("\r\x1b[K")
    assert updates[0] == updates[-1] == ""
    assert [re.findall(r"epoch (\d)/2 +(\d+)%", update)[0] for update in updates[1:-1]] == [
        (epoch, share) for epoch in "12" for share in ("20", "40", "60", "80", "100")
    ]


def test_elsewhere_there_is_a_line_per_epoch(shown: Shown) -> None:
    lines = shown(io.StringIO()).splitlines()
    pattern = r"epoch \d/2 100%  loss \d+\.\d{3}  [\d,]+ images/s"
    assert len(lines) == 2
    assert all(re.fullmatch(pattern, line) for line in lines)


def test_a_short_training_is_over_before_anything_is_shown(
    network: Callable[..., GraphNetwork],
    task: Classification,
    digits: Digits,
    recipe: Callable[..., Training],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = Terminal()
    slow = partial(ProgressLine, stream=stream, pause_seconds=1e9)
    monkeypatch.setattr("gensynth.training.training.ProgressLine", slow)
    recipe(progress=True).fit(network(), task, digits, epochs=1, seed=0)
    assert "epoch" not in stream.getvalue()


def test_a_file_tells_how_far_a_training_is_and_is_gone_in_the_end(
    network: Callable[..., GraphNetwork],
    task: Classification,
    digits: Digits,
    recipe: Callable[..., Training],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / ".progress" / "1.json"
    seen: list[Progress | None] = []
    show = ProgressFile._show

    def noting(self: ProgressFile, progress: Progress) -> None:
        show(self, progress)
        seen.append(Progress.read(path))

    monkeypatch.setattr(ProgressFile, "_show", noting)
    watcher = ProgressFile(path, title="c00 short", batch_size=64, pause_seconds=0.0)
    recipe().fit(network(), task, digits, epochs=2, seed=0, watchers=[watcher])
    steps = [(one.title, one.epoch, one.epochs, one.share) for one in seen if one is not None]
    assert steps == [("c00 short", e, 2, s / 5) for e in (1, 2) for s in (1, 2, 3, 4, 5)]
    assert Progress.read(path) is None
