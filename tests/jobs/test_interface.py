"""What Python gets back of a run is what lies in its folder."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

import gensynth
from gensynth.jobs import places
from gensynth.network.digest import weights_digest
from gensynth.network.saving import load


@pytest.fixture
def run(copied: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[gensynth.Run]:
    """The finished run, as Python finds it."""
    monkeypatch.setenv(places.OUTPUTS, str(copied.parents[1]))
    monkeypatch.setenv(places.DATA, str(copied.parents[1] / "no_data"))
    threads = torch.get_num_threads()
    yield gensynth.run()
    assert torch.get_num_threads() == threads


def test_a_run_is_found_and_shows_its_result(run: gensynth.Run, copied: Path) -> None:
    assert run.folder == copied
    assert gensynth.run(copied.name) == gensynth.run(copied) == run
    result = json.loads((copied / "result.json").read_text())
    assert [row.name for row in run.rows] == [row["name"] for row in result["rows"]]
    for row, written in zip(run.rows, result["rows"], strict=True):
        assert row.measurements == written["measurements"]
    shown = (copied / "gensynth.log").read_text()
    assert run.table in shown
    assert weights_digest(run.network) == weights_digest(load(copied / "network.safetensors"))
    (nominated,) = (r for r in result["rows"] if r["mark"] and r["split"] == "confirm")
    assert run.score == nominated["measurements"]["net_score"]


def test_jobs_of_a_run_use_that_run(run: gensynth.Run) -> None:
    drawn = run.generate(networks=2, seed=5)
    assert len(drawn.networks) == 2
    assert drawn.run is run
    assert all(path.parent == drawn.folder for path in drawn.networks.values())
    tested = run.evaluate(networks=list(drawn.networks.values()), train=False, open_test=False)
    assert sorted(row.name for row in tested.rows) == sorted(drawn.networks)
    assert all(name in tested.table for name in drawn.networks)
    best = max(row.measurements["net_score"] for row in tested.rows)
    assert tested.score == best


def test_what_a_run_has_not_is_said(run: gensynth.Run) -> None:
    (run.folder / "network.safetensors").unlink()
    with pytest.raises(gensynth.errors.DataError, match="has no nominated network"):
        _ = run.network
    (run.folder / "result.json").unlink()
    with pytest.raises(gensynth.errors.DataError, match="has no result table"):
        _ = run.table
    with pytest.raises(gensynth.errors.ConfigurationError, match="no synthesize run 'nowhere'"):
        gensynth.run("nowhere")
    with pytest.raises(gensynth.errors.ConfigurationError, match="no setting 'netwroks'"):
        run.generate(netwroks=2)


def test_the_prototype_of_a_synthesis_is_trained_once(
    run: gensynth.Run, tiny: tuple[str, ...]
) -> None:
    (cached,) = (places.outputs() / "prototypes").glob("*.safetensors")
    before = cached.stat().st_mtime_ns
    words = [word for word in tiny if not word.startswith(("tracking", "long_networks"))]
    prototype = gensynth.prototype(*words)
    assert cached.stat().st_mtime_ns == before
    assert weights_digest(prototype.network) == weights_digest(
        load(run.folder / "prototype.safetensors")
    )
    (row,) = (r for r in run.rows if r.name == "prototype" and r.split == "confirm")
    assert prototype.measurements == row.measurements
    other = gensynth.prototype(*words, prototype_seed=1)
    assert weights_digest(other.network) != weights_digest(prototype.network)


def test_a_synthesis_hands_back_its_run(outputs: Path, tiny: tuple[str, ...]) -> None:
    words = [word for word in tiny if "Noting" not in word]
    bounds = {"requirements.accuracy.at_least": 99.9}
    with pytest.raises(gensynth.errors.NothingMetRequirements, match="nearest is"):
        gensynth.synthesize(*words, cycles=1, **bounds)
    missed = gensynth.run()
    assert missed.folder.parent == outputs / "runs"
    with pytest.raises(gensynth.errors.DataError, match="has no nominated network"):
        _ = missed.score
    free = gensynth.synthesize(*words, cycles=1, **{"requirements.accuracy.at_least": None})
    assert free.folder != missed.folder
    assert free.score == max(
        r.measurements["net_score"] for r in free.rows if r.mark and r.split == "confirm"
    )
