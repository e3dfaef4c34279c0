"""A network of a run is found by name or file, and it is known how its design was found."""

import json
from pathlib import Path

import pytest

from gensynth.diary import Diary, NetworkNote
from gensynth.errors import ConfigurationError, DataError
from gensynth.evaluation import child
from gensynth.jobs import places
from gensynth.jobs.descent import descent
from gensynth.jobs.past_run import PastRun
from gensynth.network.saving import save
from gensynth.records import Candidate
from gensynth.run_files import DIARY, NETWORK, PROTOTYPE, RESULT


@pytest.fixture
def past(copied: Path, monkeypatch: pytest.MonkeyPatch) -> PastRun:
    monkeypatch.setenv(places.OUTPUTS, str(copied.parents[1]))
    return PastRun.open(copied.name)


def noted(past: PastRun, role: str) -> list[NetworkNote]:
    notes = Diary(past.folder).notes()
    return [note for note in notes if isinstance(note, NetworkNote) and note.role == role]


def test_every_network_of_the_search_is_found_by_its_name(past: PastRun) -> None:
    in_cycles = {note.evaluation.candidate for note in noted(past, "candidate")}
    for note in [*noted(past, "candidate"), *noted(past, "finalist")]:
        one = descent(past, note.evaluation.candidate.name)
        assert one.candidate == note.evaluation.candidate
        assert note in one.notes
        assert (one.way == "cycle") == (one.candidate in in_cycles)
        drawn_last = one.candidate.cycle == past.cfg.cycles
        assert drawn_last == (one.way in {"pool", "refined"})
        assert (one.candidate.index >= past.cfg.pool) == (one.way == "refined")


def test_files_are_told_by_their_graphs(past: PastRun, tmp_path: Path) -> None:
    nominated = json.loads((past.folder / RESULT).read_text())["nominated"]
    assert descent(past, None).name == nominated
    assert descent(past, str(past.folder / NETWORK)).name == nominated
    for note in noted(past, "finalist"):
        file = past.folder / note.evaluation.network
        assert descent(past, str(file)).candidate == note.evaluation.candidate
        assert descent(past, file.stem).candidate == note.evaluation.candidate


def test_a_generated_network_says_itself_which_seed_drew_it(past: PastRun, tmp_path: Path) -> None:
    space, design = past.assembly.space, past.assembly.space.prototype_design
    drawn = Candidate(0, 0, 77, design, space.digest(design))
    metadata = {"seed": 77, "design": space.describe(design)}
    save(tmp_path / "drawn.safetensors", child(space, drawn, None), metadata)
    one = descent(past, str(tmp_path / "drawn.safetensors"))
    assert (one.name, one.way, one.notes) == ("drawn", "generated", ())
    assert (one.candidate.seed, one.candidate.design) == (77, design)
    assert one.candidate.digest == drawn.digest


def test_what_has_no_descent_is_said(past: PastRun, tmp_path: Path) -> None:
    control = noted(past, "uniform finalist")[-1].evaluation.candidate
    own = {note.evaluation.candidate.digest for note in noted(past, "candidate")}
    assert control.digest not in own
    for network, complaint in [
        ("nobody", r"nobody: no file, and .* its finalists are c0"),
        (f"uniform {control.name}", "was found by the control"),
        (str(past.folder / PROTOTYPE), "this is the prototype"),
    ]:
        with pytest.raises(ConfigurationError, match=complaint):
            descent(past, network)
    space = past.assembly.space
    other = next(
        design
        for option in range(len(space.choices[0].options))
        if (design := (option, *space.prototype_design[1:]))
        and space.digest(design) not in {n.evaluation.candidate.digest for n in every(past)}
    )
    stranger = Candidate(0, 0, 1, other, space.digest(other))
    save(tmp_path / "stranger.safetensors", child(space, stranger, None))
    with pytest.raises(ConfigurationError, match="never evaluated its graph"):
        descent(past, str(tmp_path / "stranger.safetensors"))
    (past.folder / DIARY).unlink()
    with pytest.raises(DataError, match="kept no diary"):
        descent(past, None)


def every(past: PastRun) -> list[NetworkNote]:
    return [note for note in Diary(past.folder).notes() if isinstance(note, NetworkNote)]
