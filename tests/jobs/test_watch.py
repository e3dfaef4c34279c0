"""What is noted: names that differ, how a run ended, networks with their roles."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, final

import pytest
from omegaconf import OmegaConf

from gensynth.confirmation import Confirmation
from gensynth.design.space import derive
from gensynth.diary import Diary, Ending, EndNote, FileNote, NetworkNote, Note
from gensynth.jobs.runs import Saved
from gensynth.jobs.watch import Watch, measured_range, title, tracked
from gensynth.prototypes.resnet import resnet
from gensynth.records import Candidate, Evaluation
from gensynth.requirements import Requirements
from gensynth.tracking.tracker import Tracker


@final
class Noting(Tracker):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def start(
        self, folder: Path, name: str, config: Mapping[str, Any], tags: Mapping[str, str]
    ) -> None:
        self.told.append((name, config, tags))

    def note(self, note: Note) -> None:
        self.told.append(note)

    def close(self) -> int:
        self.told.append("closed")
        return 0


def evaluation(index: int, accuracy: float) -> Evaluation:
    candidate = Candidate(0, index, index, (), "")
    measurements = {"accuracy": accuracy, "net_score": accuracy / 2}
    return Evaluation(candidate, "k", "short", "search", "completed", measurements=measurements)


CHOSEN = {"task": "t", "data": "d", "inquisitor": "blind", "generator": "factorised"}


def test_six_runs_of_a_sweep_have_six_names() -> None:
    sweep = [
        title({**CHOSEN, "experiment": "tiny", "inquisitor": inquisitor}, seed)
        for inquisitor in ("random", "mutual_info")
        for seed in range(3)
    ]
    assert len(set(sweep)) == 6
    assert sweep[0] == "tiny, seed 0, random, factorised"


@pytest.mark.parametrize(
    ("error", "ending"),
    [(None, "finished"), (ValueError, "failed"), (KeyboardInterrupt, "interrupted")],
)
def test_the_tracker_hears_how_a_run_ended_and_its_figures_in_any_case(
    error: type[BaseException] | None,
    ending: Ending,
    tmp_path: Path,
) -> None:
    chosen = {**CHOSEN, "experiment": None}
    Saved("synthesize", ("data=d", "seed=3"), chosen, {}, "").write(tmp_path)
    (tmp_path / "environment.json").write_text(json.dumps({"origin": {"user": "me"}}))
    tracker, cfg = Noting(), OmegaConf.create({"seed": 3})

    def body() -> None:
        with tracked(tracker, cfg, tmp_path) as telling:
            telling.figures["prototype_accuracy"] = 91.0
            if error is not None:
                raise error

    if error is None:
        body()
    else:
        with pytest.raises(error):
            body()
    tags = {**CHOSEN, "user": "me", "role": "synthesis", "overrides": "data=d seed=3"}
    notes = [
        FileNote("overrides.json"),
        FileNote("environment.json"),
        EndNote(ending, {"prototype_accuracy": 91.0}),
    ]
    opened = ("d, seed 3, blind, factorised", {"seed": 3}, tags)
    assert tracker.told == [opened, *notes, "closed"]
    assert list(Diary(tmp_path).notes()) == notes


def test_a_search_s_networks_have_its_roles(tmp_path: Path) -> None:
    graph = resnet((1, 8, 8), 10, depth=8, widths=(8, 8, 8))
    space = derive(
        graph,
        width_ratios=[0.5, 1.0],
        width_multiple=4,
        operations=[],
        kernels=[],
        keep=False,
        downsampling=False,
        frozen=[],
    )
    wanted = Requirements({"accuracy": {"at_least": 80}}).resolve({})
    confirmation = Confirmation(
        wanted,
        evaluation(0, 90.0),
        n_confirm=10,
        n_test=10,
        z=1.28,
        percentages=frozenset({"accuracy"}),
    )
    notes: list[Note] = []
    one = Watch(notes.append, space, confirmation, "accuracy", "net_score", tmp_path)
    design = Candidate(0, 0, 0, space.prototype_design, "")
    for control in (False, True):
        listen = one.listener(control=control)
        short = replace(evaluation(0, 90.0), candidate=design)
        listen(short)
        listen(replace(short, fidelity="long"))
        listen(replace(short, fidelity="long", split="confirm"))
    raw, kept = ["search_margin_accuracy"], ["margin_accuracy"]
    told = [(n.role, list(n.figures)) for n in notes if isinstance(n, NetworkNote)]
    assert told == [
        *[("candidate", raw), ("promoted", raw), ("finalist", kept)],
        *[("uniform candidate", raw), ("uniform promoted", raw), ("uniform finalist", kept)],
    ]


def test_the_range_of_measurements_leaves_failures_out() -> None:
    failed = Evaluation(Candidate(0, 2, 2, (), ""), "k", "short", "search", "failed", "NaN")
    figures = measured_range([evaluation(0, 80.0), failed, evaluation(1, 90.0)])
    assert figures["largest_accuracy"] == 90.0
    assert figures["mean_net_score"] == 42.5
    assert figures["smallest_accuracy"] == 80.0
    assert measured_range([failed]) == {}
