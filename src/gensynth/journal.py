"""What a run has measured so far, on disk after every candidate; resuming reads it back."""

import json
import os
from pathlib import Path
from typing import final

from gensynth.errors import DataError
from gensynth.records import Evaluation


def write_whole(path: Path, text: str) -> None:
    """Let a file appear whole or not at all, whenever this process is killed."""
    unfinished = path.with_name(f".{path.name}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def append_line(path: Path, line: str) -> None:
    """Append one line and return when it is on the disk."""
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_lines(path: Path) -> list[str]:
    """Return the complete lines of an append-only file; a torn last line is cut off the file."""
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    complete, newline, torn = text.rpartition("\n")
    if torn:
        # A kill in the middle of a write leaves half a record; what it described is repeated.
        write_whole(path, complete + newline)
    return complete.split("\n") if complete else []


@final
class Journal:
    """An append-only record of evaluations, found again by key.

    A synthesis is a function of its configuration and of its evaluations. Resuming therefore runs
    the same program again and takes from here what was measured before.

    Args:
        path: a JSON-lines file; created on the first append.

    Raises:
        DataError: a line other than a torn last one cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._evaluations: dict[str, Evaluation] = {}
        for number, line in enumerate(read_lines(path), start=1):
            try:
                evaluation = Evaluation.from_json(line)
            except (ValueError, TypeError, KeyError) as error:
                message = f"{path} line {number} is damaged ({error}): remove that line to go on"
                raise DataError(message) from error
            self._evaluations[evaluation.key] = evaluation

    def __len__(self) -> int:
        """Return how many evaluations are recorded."""
        return len(self._evaluations)

    def find(self, key: str) -> Evaluation | None:
        """Return the evaluation of that key, or None."""
        return self._evaluations.get(key)

    def append(self, evaluation: Evaluation) -> None:
        """Record an evaluation before anything is concluded from it."""
        append_line(self._path, evaluation.to_json())
        self._evaluations[evaluation.key] = evaluation

    def all(self) -> tuple[Evaluation, ...]:
        """Return every evaluation in the order in which they were recorded."""
        return tuple(self._evaluations.values())


Entry = dict[str, dict[str, float]]
"""`values` and `standard_errors`, each measurement name to number."""


@final
class Ledger:
    """Every reading of the test split, once per network; a second reading returns the first.

    Args:
        path: an append-only JSON-lines file beside the run.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        entries = [json.loads(line) for line in read_lines(path)]
        self._readings: dict[str, Entry] = {e["network"]: e["reading"] for e in entries}

    def find(self, network: str) -> Entry | None:
        """Return what was read of the network with that weights digest, or None."""
        return self._readings.get(network)

    def append(self, network: str, reading: Entry) -> None:
        """Enter a reading; a network is entered once.

        Raises:
            ValueError: the network has been read already.
        """
        if network in self._readings:
            raise ValueError(f"the test split was read for {network} already")
        append_line(self._path, json.dumps({"network": network, "reading": reading}))
        self._readings[network] = reading
