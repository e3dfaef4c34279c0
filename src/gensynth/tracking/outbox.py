"""Notes to a store that may be out of reach: none is lost, and none holds up the run for long."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import final

log = logging.getLogger(__name__)

Note = Callable[[], None]
"""Writes one thing; it may be called again when it raised, so that it repeats nothing."""

PAUSES = (0.1, 0.5, 2.0)
"""Seconds before each further attempt: another process may hold the database for a moment."""

PATIENCE_SECONDS = 10.0
"""A round of attempts that takes longer ends with its next failure: the store is gone."""

REST = 10.0
"""A store that is gone is left alone for so many times as long as finding that out took."""


@final
class Outbox:
    """Writes notes in order, and keeps those that failed until the store takes them.

    Args:
        store: what is written to, for messages.
    """

    def __init__(self, store: str) -> None:
        self._store = store
        self._waiting: list[Note] = []
        self._told = False
        self._rests_until = 0.0

    def put(self, note: Note) -> None:
        """Write what waits, then the note; what fails waits for the next call.

        Nothing pauses while older notes wait, so that a store that is gone slows no run down.
        """
        pauses = () if self._waiting else PAUSES
        self._waiting.append(note)
        if time.monotonic() >= self._rests_until:
            self._send(pauses)

    def close(self) -> int:
        """Try once more, and return how many notes could not be written."""
        self._rests_until = 0.0
        if self._waiting:
            self._send(PAUSES)
        return len(self._waiting)

    def _send(self, pauses: Sequence[float]) -> None:
        for pause in (0.0, *pauses):
            time.sleep(pause)
            error = self._round()
            if error is None or time.monotonic() < self._rests_until:
                break
        if error is not None and not self._told:
            self._told = True
            cause = " ".join(f"{type(error).__name__}: {error}".split())
            log.warning("tracking lags: %s failed (%s); it is tried again", self._store, cause)

    def _round(self) -> Exception | None:
        """Try each waiting note once, and return the last failure.

        A note that the store refuses for good does not hold up those behind it.
        """
        started = time.monotonic()
        failure = None
        for note in tuple(self._waiting):
            try:
                note()
            except Exception as error:
                failure = error
                now = time.monotonic()
                if now - started > PATIENCE_SECONDS:
                    self._rests_until = now + REST * (now - started)
                    break
            else:
                self._waiting.remove(note)
        return failure
