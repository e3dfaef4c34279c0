"""No tracking leaves nothing behind."""

from pathlib import Path

from gensynth.diary import EndNote, NetworkNote
from gensynth.records import Evaluation
from gensynth.tracking.none import NoTracker


def test_nothing_is_written(tmp_path: Path, evaluation: Evaluation) -> None:
    tracker = NoTracker()
    tracker.start(tmp_path, "tiny", {}, {})
    tracker.note(NetworkNote(evaluation, "candidate", {}, {}))
    tracker.note(EndNote("finished", {}))
    assert tracker.close() == 0
    assert not list(tmp_path.iterdir())
