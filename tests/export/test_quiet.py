"""Silence ends where it should, and errors come through."""

import logging
import warnings

import pytest

from gensynth.export.quiet import CHATTY, quiet


def test_nothing_is_heard_inside_but_errors(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), quiet():
        warnings.warn("old", DeprecationWarning, stacklevel=1)  # an error outside
        for logger in [logging.getLogger(), logging.getLogger(f"{CHATTY[0]}.deep")]:
            logger.warning("getting on")
            logger.error("broken")
    assert [record.message for record in caplog.records] == ["broken", "broken"]


def test_others_are_heard_inside(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), quiet():
        logging.getLogger("gensynth.jobs").info("exported")
    assert [record.message for record in caplog.records] == ["exported"]


def test_afterwards_everything_is_as_before_even_after_an_error() -> None:
    def state() -> list[object]:
        levels = [logging.getLogger(name).level for name in CHATTY]
        return [levels, logging.getLogger().filters[:], warnings.filters[:]]

    before = state()
    with pytest.raises(KeyboardInterrupt), quiet():
        raise KeyboardInterrupt
    assert state() == before
