"""No tracking leaves nothing behind."""

from pathlib import Path

from gensynth.graph.graph import Graph
from gensynth.records import Evaluation
from gensynth.tracking.none import NoTracker


def test_nothing_is_written(tmp_path: Path, evaluation: Evaluation, graph: Graph) -> None:
    tracker = NoTracker()
    tracker.start(tmp_path, "tiny", {}, {})
    tracker.candidate(evaluation, "candidate", {}, {})
    tracker.cycle(0, {}, {})
    tracker.network(evaluation, tmp_path / "none.safetensors", graph, nominated=True)
    tracker.artifact(tmp_path / "none.txt")
    tracker.finish("finished", {})
    assert not list(tmp_path.iterdir())
