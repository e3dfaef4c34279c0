"""Notes survive a store that fails: retried, kept in order, and never waited for too long."""

import logging
import time
from collections.abc import Callable

import pytest

from gensynth.tracking.outbox import PATIENCE_SECONDS, PAUSES, REST, Outbox


class Store:
    """Takes notes, or fails as often as `fails` says."""

    def __init__(self, fails: int = 0) -> None:
        self.fails = fails
        self.tried = 0
        self.holds: list[str] = []

    def note(self, text: str) -> Callable[[], None]:
        def write() -> None:
            self.tried += 1
            if self.fails > 0:
                self.fails -= 1
                raise OSError(f"database is locked,\ntry {self.tried}")
            self.holds.append(text)

        return write


def test_a_store_that_answers_is_asked_once_per_note(slept: list[float]) -> None:
    store, outbox = Store(), Outbox("store")
    outbox.put(store.note("a"))
    outbox.put(store.note("b"))
    assert outbox.close() == 0
    assert (store.holds, store.tried) == (["a", "b"], 2)
    assert sum(slept) == 0


def test_a_hiccup_is_waited_out_with_growing_pauses_and_nothing_is_said(
    slept: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    store, outbox = Store(fails=2), Outbox("store")
    outbox.put(store.note("a"))
    assert store.holds == ["a"]
    assert slept == [0.0, *PAUSES[:2]]
    assert list(PAUSES) == sorted(PAUSES)
    assert not caplog.messages


def test_what_failed_is_written_before_the_next_note(slept: list[float]) -> None:
    attempts = len(PAUSES) + 1
    store, outbox = Store(fails=attempts), Outbox("store")
    outbox.put(store.note("a"))
    assert (store.holds, store.tried) == ([], attempts)
    outbox.put(store.note("b"))
    assert store.holds == ["a", "b"]


def test_many_notes_wait_in_order_until_the_end(
    slept: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    store, outbox = Store(fails=10_000), Outbox("the store")
    for text in "abcdef":
        outbox.put(store.note(text))
    assert sum(slept) == sum(PAUSES)  # the first note waits for the store; the others do not
    store.fails = 0
    assert outbox.close() == 0
    assert store.holds == list("abcdef")
    (line,) = caplog.messages
    assert line.startswith("tracking lags: the store failed (OSError: database is locked, try ")


def test_what_could_not_be_written_is_counted(slept: list[float]) -> None:
    store, outbox = Store(fails=10_000), Outbox("store")
    for text in "abc":
        outbox.put(store.note(text))
    assert outbox.close() == 3


def test_a_note_that_is_refused_for_good_holds_up_no_other(slept: list[float]) -> None:
    store, refusing, outbox = Store(), Store(fails=10_000), Outbox("store")
    outbox.put(refusing.note("never"))
    for text in "abc":
        outbox.put(store.note(text))
    assert store.holds == list("abc")
    assert store.tried == 3
    assert outbox.close() == 1


def test_an_interrupted_round_repeats_nothing_that_was_written(slept: list[float]) -> None:
    store, outbox = Store(fails=len(PAUSES) + 1), Outbox("store")
    outbox.put(store.note("a"))
    interrupted = [KeyboardInterrupt()]

    def write() -> None:
        if interrupted:
            raise interrupted.pop()
        store.holds.append("b")

    with pytest.raises(KeyboardInterrupt):
        outbox.put(write)
    assert outbox.close() == 0
    assert store.holds == ["a", "b"]


def test_a_store_that_lets_one_wait_is_left_alone_for_a_while(
    slept: list[float], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now, slow = [0.0], 2 * PATIENCE_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    store, outbox = Store(fails=10_000), Outbox("store")

    def late(text: str) -> Callable[[], None]:
        note = store.note(text)

        def write() -> None:
            now[0] += slow
            note()

        return write

    outbox.put(late("a"))
    outbox.put(late("b"))
    outbox.put(late("c"))
    assert store.tried == 1
    assert now[0] == slow
    now[0] += REST * slow
    outbox.put(late("d"))
    assert store.tried == 2
    now[0] += 1.0
    store.fails, slow = 4, 0.0
    with caplog.at_level(logging.WARNING):
        assert outbox.close() == 0  # at the end it is asked again, rest or not
    assert store.holds == list("abcd")
