"""No tracking: the run's own folder is the only record."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

from gensynth.diary import Note
from gensynth.tracking.tracker import Tracker


@final
class NoTracker(Tracker):
    """Takes note of nothing."""

    def start(
        self, folder: Path, name: str, config: Mapping[str, Any], tags: Mapping[str, str]
    ) -> None:
        """Do nothing."""

    def note(self, note: Note) -> None:
        """Do nothing."""

    def close(self) -> int:
        """Do nothing; nothing is lost."""
        return 0
