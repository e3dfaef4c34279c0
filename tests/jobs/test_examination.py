"""What is trained starts as in a synthesis; what is saved says what it is."""

from pathlib import Path
from typing import Any

import pytest
import torch

from gensynth.errors import TrainingFailed
from gensynth.evaluation import child
from gensynth.jobs import places
from gensynth.jobs.examination import Examination
from gensynth.jobs.named_networks import Named, named
from gensynth.jobs.past_run import PastRun
from gensynth.journal import Journal
from gensynth.network.digest import weights_digest
from gensynth.network.saving import load, read_metadata
from gensynth.records import Candidate, Evaluation
from gensynth.training import Training


@pytest.fixture
def past(copied: Path, monkeypatch: pytest.MonkeyPatch) -> PastRun:
    monkeypatch.setenv(places.OUTPUTS, str(copied.parents[1]))
    return PastRun.open(copied.name)


@pytest.fixture
def long(past: PastRun) -> Evaluation:
    """Of a network that the synthesis kept."""
    evaluations = Journal(past.folder / "evaluations.jsonl").all()
    return next(e for e in evaluations if e.split == "confirm")


@pytest.fixture
def kept(past: PastRun, long: Evaluation) -> Named:
    (one,) = named(past, [long.candidate.name])
    return one


def test_training_a_trained_network_repeats_what_the_synthesis_did(
    past: PastRun, long: Evaluation, kept: Named, tmp_path: Path
) -> None:
    examination = Examination.of(past, None, long.candidate.seed, tmp_path)
    (row,) = examination.rows(kept, train=True)
    assert row.measurements["accuracy"] == long.measurements["accuracy"]
    again = load(tmp_path / f"{kept.name}.safetensors")
    ours, theirs = again.state_dict(), kept.network.state_dict()
    assert all(torch.allclose(ours[name], theirs[name], atol=1e-3) for name in theirs)


def test_a_drawn_network_is_trained_from_the_weights_it_was_drawn_with(
    past: PastRun, long: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    fit = Training.fit

    def noting(self: Training, network: Any, *rest: Any, **others: Any) -> Any:
        started.append(weights_digest(network))
        return fit(self, network, *rest, **others)

    monkeypatch.setattr(Training, "fit", noting)
    c = long.candidate
    network = child(past.assembly.space, Candidate(0, 0, 77, c.design, c.digest), None)
    before = weights_digest(network)
    drawn = Named("drawn", network, {"trained": False, "design": {"a": 1}, "seed": 77})
    list(Examination.of(past, None, 5, tmp_path).rows(drawn, train=True))
    assert started == [before]


def test_a_saved_network_says_how_it_was_measured_and_what_it_was_trained_on(
    past: PastRun, kept: Named, tmp_path: Path
) -> None:
    drawn = Named(
        "drawn",
        kept.network,
        {"trained": False, "design": {"a": 1}, "seed": 77, "expected": {}, "measurements": {}},
    )
    (row,) = Examination.of(past, None, 5, tmp_path).rows(drawn, train=True)
    found = read_metadata(tmp_path / "drawn.safetensors")
    assert (found["design"], found["seed"], found["expected"]) == ({"a": 1}, 77, {})
    assert found["trained"] is True
    assert found["data"] == past.assembly.data.describe()
    assert row.measurements.items() >= found["evaluation"]["measurements"].items()
    assert found["evaluation"]["standard_errors"] == row.standard_errors
    assert found["evaluation"]["key"] == weights_digest(load(tmp_path / "drawn.safetensors"))
    assert "measurements" not in found  # were those of other weights


def test_the_trained_weights_are_kept_when_measuring_fails(
    past: PastRun, kept: Named, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise TrainingFailed("out of memory")

    examination = Examination.of(past, None, 5, tmp_path)
    monkeypatch.setattr("gensynth.jobs.examination.evaluate_quality", fails)
    with pytest.raises(TrainingFailed):
        list(examination.rows(kept, train=True))
    found = read_metadata(tmp_path / f"{kept.name}.safetensors")
    assert (found["trained"], "evaluation" in found) == (True, False)


def test_without_training_nothing_is_saved_and_the_network_is_as_it_was(
    past: PastRun, long: Evaluation, kept: Named, tmp_path: Path
) -> None:
    before = weights_digest(kept.network)
    (row,) = Examination.of(past, None, 5, tmp_path).rows(kept, train=False)
    assert weights_digest(kept.network) == before
    assert not list(tmp_path.glob("*.safetensors"))
    assert row.margins == past.confirmation.margins(long)
    assert row.standard_errors == long.standard_errors
