"""What a run has measured so far, on disk after every candidate; resuming reads it back."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, final

from gensynth.errors import DataError
from gensynth.records import Evaluation

Parsed = TypeVar("Parsed")


def write_whole(path: Path, text: str) -> None:
    """Let a file appear whole or not at all, whenever this process is killed."""
    unfinished = path.with_name(f".{path.name}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def append_line(path: Path, line: str) -> None:
    """Append one line and return when it is on the disk; a torn last line is cut off first."""
    with path.open("a+b") as file:
        _cut_torn_line(file)
        file.write(line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_lines(path: Path, parse: Callable[[str], Parsed]) -> list[Parsed]:
    """Return the parsed lines of an append-only file; a torn last line is left out.

    The file stays as it is: whoever is appending to it may not be done with its last line.

    Raises:
        DataError: a line other than a torn last one cannot be read.
    """
    return parse_lines(path, whole_lines(path), parse)


def whole_lines(path: Path) -> list[bytes]:
    """Return the lines of an append-only file as they are, without a torn last one."""
    return path.read_bytes().split(b"\n")[:-1] if path.exists() else []


def parse_lines(path: Path, lines: Sequence[bytes], parse: Callable[[str], Parsed]) -> list[Parsed]:
    """Parse lines that were read from a file.

    Raises:
        DataError: one cannot be read.
    """
    parsed = []
    for number, line in enumerate(lines, start=1):
        try:
            parsed.append(parse(line.decode()))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise DataError(
                f"{path} line {number} is damaged ({error}): restore or remove that line to go on"
            ) from error
    return parsed


def _cut_torn_line(file: BinaryIO) -> None:
    """Cut off what follows the last line's end.

    A kill in the middle of a write leaves half a record; what it described is repeated.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - 1, 0))
    if file.read() not in {b"", b"\n"}:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)


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
        self._evaluations = {e.key: e for e in read_lines(path, Evaluation.from_json)}

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


Entry = Mapping[str, Any]
"""`values` and `standard_errors`, each measurement name to number, and what else was read."""


@final
class Ledger:
    """Every reading of the test split, once per network; a second reading returns the first.

    Args:
        path: an append-only JSON-lines file beside the run.

    Raises:
        DataError: a line other than a torn last one cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._readings = dict(read_lines(path, _entered))

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
        append_line(self._path, json.dumps({"network": network, "reading": dict(reading)}))
        self._readings[network] = reading


def _entered(line: str) -> tuple[str, Entry]:
    entry = json.loads(line)
    reading: dict[str, Any] = entry["reading"]
    for part in ("values", "standard_errors"):
        if not isinstance(reading[part], dict):
            raise TypeError(f"{part} are {reading[part]!r}")
    return entry["network"], reading
