"""The setting `view`: what it may be, and what quiet leaves of the terminal."""

import logging
import sys
from pathlib import Path

import pytest

from gensynth.errors import ConfigurationError
from gensynth.jobs.showing import following, hushed, resolve
from gensynth.terminal import Narrator


def test_auto_is_live_on_a_terminal_and_lines_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve("auto") == "lines"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert resolve("auto") == "live"
    assert resolve("quiet") == "quiet"


def test_another_view_is_refused_in_one_line() -> None:
    with pytest.raises(ConfigurationError, match="view=loud must be auto or one of live, lines"):
        resolve("loud")


def test_quiet_lets_warnings_through_and_only_for_a_while(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log, handler = logging.getLogger(), logging.StreamHandler(sys.stdout)
    log.addHandler(handler)
    before = log.level
    log.setLevel(logging.INFO)
    try:
        for view in ("quiet", "lines"):
            with hushed(view):
                log.info("%s info", view)
                log.warning("%s warning", view)
        log.info("afterwards")
    finally:
        log.removeHandler(handler)
        log.setLevel(before)
    shown = capsys.readouterr().out.splitlines()
    assert shown == ["quiet warning", "lines info", "lines warning", "afterwards"]


def test_only_the_live_view_follows_a_search(tmp_path: Path) -> None:
    narrator = Narrator(cycles=1, score="net_score", quality="accuracy", margins=lambda _: {})
    with following("lines", narrator, tmp_path) as nothing:
        assert nothing is None
