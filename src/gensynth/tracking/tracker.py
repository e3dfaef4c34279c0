"""The contract of trackers: where people watch a synthesis, and compare runs afterwards."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gensynth.diary import Note


class Tracker(ABC):
    """Takes note of a run; a run never fails because its tracker does.

    Called by one process, in this order: `start`; `note` for each note of the run's diary, as it
    is written or again later; `close`. A run that is continued starts again with the same folder,
    and may report again what it reported before.
    """

    @abstractmethod
    def start(
        self, folder: Path, name: str, config: Mapping[str, Any], tags: Mapping[str, str]
    ) -> None:
        """Open the run, or reopen the one that was started with this folder.

        Args:
            folder: the run's; notes name files below it.
            name: what people tell the run by in a list of runs.
            config: the composed configuration, as plain data.
            tags: short texts to filter runs by, such as the chosen option of each group.

        Raises:
            ConfigurationError: the store cannot be opened; nothing has been computed yet.
        """

    @abstractmethod
    def note(self, note: Note) -> None:
        """Take a note; what the store does not take now is kept for later."""

    @abstractmethod
    def close(self) -> int:
        """Write what was kept for later, and return how many notes could not be written."""
