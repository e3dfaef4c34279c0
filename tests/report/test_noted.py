"""Notes of a diary as a report needs them, each network and cycle once."""

import json
from pathlib import Path

from gensynth.diary import CycleNote, Diary, NetworkNote
from gensynth.report.noted import cycles, foretold, networks
from gensynth.run_files import INQUISITOR


def test_networks_keep_their_order_and_their_designs_as_text(whole: Path) -> None:
    notes = Diary(whole).notes()
    found = networks(notes)
    told = [note for note in notes if isinstance(note, NetworkNote)]
    assert [one.evaluation for one in found] == [note.evaluation for note in told]
    for one, note in zip(found, told, strict=True):
        assert dict(one.design) == {name: str(option) for name, option in note.design.items()}


def test_a_network_or_a_cycle_that_is_told_again_counts_once(whole: Path) -> None:
    notes = Diary(whole).notes()
    assert networks([*notes, *notes]) == networks(notes)
    again = [note for note in notes if isinstance(note, CycleNote)]
    assert cycles([*notes, *again], whole) == cycles(notes, whole)


def test_a_cycle_whose_states_are_gone_keeps_its_figures(whole: Path) -> None:
    notes = [CycleNote(3, {"expected_accuracy": 80.0}, ())]
    (cycle,) = cycles(notes, whole)
    assert cycle.figures == {"expected_accuracy": 80.0}
    assert not cycle.beliefs
    assert not cycle.insights


def test_what_was_foretold_is_told_by_the_last_state(whole: Path) -> None:
    notes = Diary(whole).notes()
    cycles = sum(isinstance(note, CycleNote) for note in notes)
    assert len(foretold(notes, whole)) == cycles > 1
    (whole / INQUISITOR).write_text(json.dumps({"foretold": []}))
    assert foretold(notes, whole) == ()
    (whole / INQUISITOR).write_text(json.dumps({"kind": "somebody's own"}))
    assert foretold(notes, whole) == ()
