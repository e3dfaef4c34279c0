"""What is changed while processes start is as before afterwards."""

import multiprocessing
import os
import sys
from contextlib import suppress

import pytest

from gensynth.executors.starting import main_kept, starting


@pytest.mark.parametrize("before", ["7", None])
def test_threads_are_told_and_forgotten(
    monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    if before is None:
        monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    else:
        monkeypatch.setenv("OMP_NUM_THREADS", before)
    method = multiprocessing.get_start_method(allow_none=True)
    with suppress(ZeroDivisionError), starting(3):
        assert os.environ["OMP_NUM_THREADS"] == "3"
        raise ZeroDivisionError
    assert os.environ.get("OMP_NUM_THREADS") == before
    assert multiprocessing.get_start_method(allow_none=True) == method


def test_the_main_module_is_hidden_unless_it_is_needed() -> None:
    main = sys.modules["__main__"]
    with main_kept(needed=True):
        assert sys.modules["__main__"] is main
    with suppress(ZeroDivisionError), main_kept(needed=False):
        hidden = sys.modules["__main__"]
        assert hidden is not main
        assert hidden.__spec__ is None
        assert not hasattr(hidden, "__file__")
        raise ZeroDivisionError
    assert sys.modules["__main__"] is main
