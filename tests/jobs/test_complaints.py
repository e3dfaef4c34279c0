"""Errors become one line."""

from hydra.errors import ConfigCompositionException, MissingConfigException
from hypothesis import given
from hypothesis import strategies as st

from gensynth.errors import DataError, GensynthError
from gensynth.jobs.complaints import one_line, own_error


@given(st.text())
def test_any_message_becomes_one_line(message: str) -> None:
    assert len(one_line(GensynthError(message)).splitlines()) <= 1


def test_lines_are_joined() -> None:
    assert one_line(DataError("a:\n   b\n\n  c ")) == "a:; b; c"


def test_an_error_of_ours_is_found_below_others() -> None:
    error = ConfigCompositionException("while composing")
    error.__cause__ = DataError("the data are gone")
    assert own_error(error, "synthesize") is error.__cause__


def test_missing_option_lists_those_there_are() -> None:
    text = (
        "In 'x': Could not find 'data/digts'\n\nAvailable options in 'data':\n\tcifar10\n\tdigits\n"
    )
    line = one_line(own_error(MissingConfigException(text, "data/digts"), "synthesize"))
    expected = "data=digts: no such option; did you mean data=digits? there are cifar10, digits"
    assert line == expected
