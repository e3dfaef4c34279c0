"""The whole method, once, in seconds; a continued run ends as one that was never stopped."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from gensynth.data.data_module import ImageData
from gensynth.data.partition import Split
from gensynth.design.space import DesignSpace
from gensynth.diary import (
    CycleNote,
    Diary,
    EndNote,
    FileNote,
    NetworkNote,
    PictureNote,
    ReportedNote,
)
from gensynth.errors import CandidatesFailed, ConfigurationError
from gensynth.generators.generator import Designs
from gensynth.jobs import places
from gensynth.jobs.assembly import Allowed, assemble
from gensynth.jobs.build import build
from gensynth.jobs.checks import check_budget
from gensynth.jobs.compatibility import VERSION
from gensynth.jobs.past_run import PastRun
from gensynth.jobs.synthesize import Generators, Run
from gensynth.jobs.watch import CONTROL
from gensynth.journal import Journal
from gensynth.network.saving import load, read_metadata
from gensynth.records import Evaluation
from gensynth.synthesis import Synthesis
from gensynth.tasks.classification import Classification
from gensynth.training import evaluate_quality

Command = Callable[..., Any]
Kind = TypeVar("Kind")


def noted(folder: Path, kind: type[Kind]) -> list[Kind]:
    return [note for note in Diary(folder).notes() if isinstance(note, kind)]


def told(folder: Path) -> list[list[Any]]:
    """What the tracker heard."""
    lines = (folder / "noted.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def result(folder: Path) -> Any:
    return json.loads((folder / "result.json").read_text(encoding="utf-8"))


def journal(folder: Path) -> list[Evaluation]:
    return list(Journal(folder / "evaluations.jsonl").all())


def without_seconds(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(e.to_json()) | {"seconds": 0} for e in journal(folder)]


def test_the_nominated_network_meets_the_requirements_and_is_what_was_measured(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(places.OUTPUTS, str(finished.parents[1]))
    found = result(finished)
    confirm, test = (row for row in found["rows"] if row["mark"] == "*")
    assert confirm["name"] == test["name"] == found["nominated"]
    assert (confirm["split"], test["split"]) == ("confirm", "test")
    assert min(confirm["margins"].values()) >= 0
    a = PastRun.open(finished.name).assembly
    network = load(finished / "network.safetensors")
    quality = evaluate_quality(network, a.task, a.data, "confirm", a.training)
    assert quality.values["accuracy"] == confirm["measurements"]["accuracy"]
    metadata = read_metadata(finished / "network.safetensors")
    measured = metadata["evaluation"]["measurements"]
    assert confirm["measurements"].items() >= measured.items()
    assert metadata["data"]["classes"] == list(a.data.classes)


def test_prototype_and_control_stand_beside_it(finished: Path) -> None:
    names = [(row["name"].split()[0], row["split"]) for row in result(finished)["rows"]]
    assert ("prototype", "confirm") in names
    assert ("prototype", "test") in names
    assert ("uniform", "confirm") in names


def test_the_test_split_is_read_once_for_each_network_that_is_reported(finished: Path) -> None:
    lines = (finished / "test_ledger.jsonl").read_text(encoding="utf-8").splitlines()
    read = [row for row in result(finished)["rows"] if row["split"] == "test"]
    assert len(lines) == len({json.loads(line)["network"] for line in lines}) == len(read)


def test_diary_and_tracker_hear_of_every_evaluation_and_of_the_search_s_cycles_only(
    finished: Path,
) -> None:
    prototype, *candidates = noted(finished, NetworkNote)
    assert prototype.role == "prototype"
    assert [one.evaluation for one in candidates] == journal(finished)
    cycles = noted(finished, CycleNote)
    assert [one.cycle for one in cycles] == [0, 1]
    assert all((finished / file).is_file() for one in cycles for file in one.files)
    files = ["overrides.json", "environment.json", "result.json"]
    assert noted(finished, FileNote) == [FileNote(name) for name in files]
    reported = noted(finished, ReportedNote)
    assert all((finished / one.path).is_file() for one in reported)
    best = [one.evaluation.candidate.name for one in reported if one.nominated]
    assert best == [result(finished)["nominated"]]
    notes = [type(note).__name__ for note in Diary(finished).notes()]
    assert [what for what, *_ in told(finished)] == ["start", *notes, "close"]


def test_every_network_is_told_with_what_it_is_to_the_run_and_its_margins(finished: Path) -> None:
    names = {row["name"] for row in result(finished)["rows"]}
    roles = []
    for note in noted(finished, NetworkNote):
        role, figures, name = note.role, note.figures, note.evaluation.candidate.name
        roles.append(role)
        assert role.endswith("candidate") == (note.evaluation.fidelity == "short")
        reported = role == "prototype" or role.endswith("finalist")
        assert ("margin_accuracy" in figures) == reported
        assert ("search_margin_accuracy" in figures) != reported
        if role.endswith("finalist"):
            assert (f"uniform {name}" in names) == (role == "uniform finalist")
        assert len(note.design) > 3
    assert set(roles) == {"prototype", *CONTROL, *CONTROL.values()}
    assert roles.count("prototype") == 1


def test_the_run_ends_with_the_score_on_confirm_and_test_figures_apart(finished: Path) -> None:
    (end,) = noted(finished, EndNote)
    assert end.ending == "finished"
    figures = end.figures
    confirm, test = (row["measurements"] for row in result(finished)["rows"] if row["mark"])
    assert confirm["net_score"] != test["net_score"]
    assert figures["score"] == figures["nominated_net_score"] == confirm["net_score"]
    assert figures["test_nominated_net_score"] == test["net_score"]
    assert figures["nominated_margin_accuracy"] >= 0
    for who in ("prototype", "uniform"):
        gain = figures["score"] - figures[f"{who}_net_score"]
        assert figures[f"gain_over_{who}_net_score"] == gain
        assert f"test_{who}_accuracy" in figures


def test_runs_are_told_apart_by_their_names(finished: Path) -> None:
    _, name, _, tags = told(finished)[0]
    assert name == "tiny, seed 0, mutual_info, factorised"
    assert tags["inquisitor"] == "mutual_info"


def test_continuing_a_finished_run_measures_nothing_and_ends_the_same(
    copied: Path, command: Command
) -> None:
    files = ["evaluations.jsonl", "result.json", "test_ledger.jsonl", "generator.json"]
    before = {name: (copied / name).read_bytes() for name in files}
    done = command(copied.parents[1], f"resume={copied.name}")
    assert done.status == 0, done.err
    assert {name: (copied / name).read_bytes() for name in files} == before


def test_a_run_that_lost_its_end_is_continued_to_the_same_numbers(
    finished: Path, copied: Path, command: Command
) -> None:
    lines = (copied / "evaluations.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = "".join(lines[:3]) + lines[3][:40]  # killed in the middle of writing the fourth
    (copied / "evaluations.jsonl").write_text(kept, encoding="utf-8")
    for path in [*copied.glob("*.json"), *copied.glob("*.safetensors")]:
        if path.name not in {"overrides.json", "environment.json"}:
            path.unlink()
    (copied / "test_ledger.jsonl").unlink()
    for cache in ("networks", "../../prototypes", "../../teachers"):
        shutil.rmtree(copied / cache)
    done = command(copied.parents[1], "resume=last")
    assert done.status == 0, done.err
    assert result(copied) == result(finished)
    assert without_seconds(copied) == without_seconds(finished)
    for name in ("generator.json", "inquisitor.json", "test_ledger.jsonl"):
        assert (copied / name).read_bytes() == (finished / name).read_bytes()


def test_the_search_never_reads_what_judges_it(
    copied: Path, tiny: tuple[str, ...], command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    searching: list[bool] = [False]
    seen: list[tuple[bool, Split]] = []
    run, read = Synthesis.run, ImageData._split

    def search(self: Synthesis, cycles: int) -> Any:
        searching[0] = True
        try:
            return run(self, cycles)
        finally:
            searching[0] = False

    def checked(self: ImageData, split: Split) -> Any:
        seen.append((searching[0], split))
        assert not searching[0] or split in {"train", "search"}
        return read(self, split)

    monkeypatch.setattr(Synthesis, "run", search)
    monkeypatch.setattr(ImageData, "_split", checked)
    budget = ["cycles=1", "candidates=2", "promoted=1", "long_networks=1"]
    done = command(copied.parents[1], *tiny, *budget, "executor=this_process", "seed=5")
    assert done.status in {0, 2}, done.err
    assert {(True, "search"), (False, "confirm")} <= set(seen)


def test_nothing_that_misses_a_requirement_is_reported_as_a_success(
    copied: Path, tiny: tuple[str, ...], command: Command
) -> None:
    budget = [
        "cycles=1",
        "candidates=1",
        "promoted=0",
        "long_networks=1",
        "control.long_networks=0",
    ]
    done = command(copied.parents[1], *tiny, *budget, "requirements.accuracy.at_least=99.9")
    assert done.status == 2
    assert "no network met the requirements; nearest is c" in done.err
    assert "misses at_least 99.9" in done.err
    (folder,) = (path for path in copied.parent.iterdir() if path.name != copied.name)
    assert result(folder)["nominated"] is None
    assert {row["split"] for row in result(folder)["rows"]} == {"confirm"}
    assert not (folder / "test_ledger.jsonl").exists()
    assert not (folder / "network.safetensors").exists()
    (end,) = noted(folder, EndNote)
    assert end.ending == "failed"
    figures = end.figures
    assert figures["prototype_accuracy"] > 0
    assert figures["nearest_margin_accuracy"] < 0
    assert not {"score", "nominated_accuracy"} & figures.keys()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["requirements.parameters.at_most=10"], "no design reaches it, the nearest has"),
        (
            ["~metrics.information_density", "requirements.information_density.at_least=1"],
            "'information_density' is not measured; measured are",
        ),
        (["prototype_checkpoint=/does/not/exist.safetensors"], "no network at /does/not/exist"),
        (["candidates=0"], "candidates=0 must be 1 or more"),
        (["time_limit_minutes=0"], "time_limit_minutes=0 must be above 0"),
    ],
)
def test_what_cannot_work_is_refused_in_one_line_before_any_candidate_is_trained(
    copied: Path, tiny: tuple[str, ...], command: Command, words: list[str], complaint: str
) -> None:
    done = command(copied.parents[1], *tiny, *words)
    assert done.status == 1
    (line,) = done.err.strip().splitlines()
    assert complaint in line
    (folder,) = (path for path in copied.parent.iterdir() if path.name != copied.name)
    assert not (folder / "evaluations.jsonl").exists()


@pytest.mark.parametrize("name", ["seed", "cycles", "pool", "control.candidates"])
def test_a_budget_below_its_least_names_the_setting(name: str) -> None:
    cfg = OmegaConf.load(places.conf() / "synthesize.yaml")
    assert isinstance(cfg, DictConfig)
    check_budget(cfg)
    OmegaConf.update(cfg, name, -1)
    with pytest.raises(ConfigurationError, match=rf"^{name}=-1 must be"):
        check_budget(cfg)


def test_the_tracker_hears_what_a_cycle_measured(finished: Path) -> None:
    figures = noted(finished, CycleNote)[0].figures
    first = [e for e in journal(finished) if (e.candidate.cycle, e.fidelity) == (0, "short")][:2]
    accuracies = [e.measurements["accuracy"] for e in first]
    assert figures["largest_accuracy"] == max(accuracies)
    assert figures["mean_accuracy"] == pytest.approx(sum(accuracies) / 2)
    assert figures["smallest_accuracy"] == min(accuracies)


def test_without_a_uniform_design_that_fits_there_is_no_control_and_still_a_run(
    tiny: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    with initialize_config_dir(str(places.conf()), **VERSION):
        cfg = compose("synthesize", list(tiny))
    assembly = assemble(cfg)
    exact = {"parameters": float(assembly.graph.parameters), "macs": float(assembly.graph.macs)}
    free = Allowed(assembly.space, assembly.requirements.cheap.resolve(exact))
    control = build(cfg.control.generator, assembly.space, free)

    @dataclass(frozen=True, slots=True)
    class AllButUniform:
        space: DesignSpace

        def __call__(self, designs: Designs) -> Any:
            uniform = {tuple(row) for row in control.designs.tolist()}
            return np.array([tuple(row) not in uniform for row in designs.tolist()])

    assert Generators.build(cfg, free).control is not None
    found = Generators.build(cfg, cast("Allowed", AllButUniform(assembly.space)))
    assert found.control is None
    assert "there will be no control: none of the" in caplog.text


def test_a_control_that_fails_takes_nothing_with_it(
    copied: Path, tiny: tuple[str, ...], command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = Run.search

    def failing(self: Run, generator: Any, budget: Any, seed: int, *rest: Any) -> Any:
        if generator is self.generators.control:
            raise CandidatesFailed("all 4 candidates failed; the last one: out of memory")
        return search(self, generator, budget, seed, *rest)

    monkeypatch.setattr(Run, "search", failing)
    done = command(copied.parents[1], *tiny)
    assert done.status == 0, done.err
    assert "the control has failed: all 4 candidates failed" in done.out + done.err
    (folder,) = (path for path in copied.parent.iterdir() if path.name != copied.name)
    assert result(folder)["nominated"] == result(copied)["nominated"]
    assert (folder / "network.safetensors").exists()


def test_every_reported_network_is_drawn(
    copied: Path, tiny: tuple[str, ...], command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dark(*_: Any) -> dict[str, Any]:
        return {"dark": np.zeros((2, 3, 3), dtype=np.uint8)}

    monkeypatch.setattr(Classification, "pictures", dark)
    budget = ["cycles=1", "candidates=2", "promoted=1", "control.promoted=0", "seed=3"]
    done = command(copied.parents[1], *tiny, *budget)
    assert done.status in (0, 2), done.err
    (folder,) = (path for path in copied.parent.iterdir() if path.name != copied.name)
    names = {row["name"].replace(" ", "_") for row in result(folder)["rows"]}
    drawn = {path.name.removesuffix("-dark.png") for path in (folder / "pictures").iterdir()}
    assert drawn == names
    assert len(noted(folder, PictureNote)) == len(drawn)
    promoted = [e for e in journal(folder) if e.split == "confirm" and e.candidate.cycle == 0]
    assert promoted
    assert promoted[0].candidate in [e.candidate for e in journal(folder) if e.fidelity == "short"]
