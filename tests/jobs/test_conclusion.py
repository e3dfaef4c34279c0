"""What is said at the end: never a success that is none, never a test reading too many."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gensynth.distillation import TeacherLogits
from gensynth.jobs import places
from gensynth.jobs.conclusion import Conclusion, Outcome
from gensynth.jobs.past_run import PastRun
from gensynth.jobs.prepare import Prepared
from gensynth.journal import Journal, Ledger
from gensynth.network.digest import weights_digest
from gensynth.network.saving import load
from gensynth.records import Evaluation


@pytest.fixture(scope="module")
def past(finished: Path) -> Iterator[PastRun]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(places.OUTPUTS, str(finished.parents[1]))
        yield PastRun.open(finished.name)


@pytest.fixture
def conclusion(past: PastRun, copied: Path) -> Conclusion:
    """A conclusion over the finished run's objects, in a folder of its own."""
    teacher = TeacherLogits(
        past.prototype,
        past.assembly.task,
        past.assembly.data,
        copied,
        batch_size=64,
        precision="float32",
        threads=1,
    )
    digest = weights_digest(past.prototype)
    prepared = Prepared(past.prototype, digest, past.evaluation, {}, teacher)
    return Conclusion(past.assembly, prepared, past.confirmation, copied)


@pytest.fixture
def long(copied: Path) -> tuple[Evaluation, ...]:
    """Every long evaluation of the run."""
    return tuple(e for e in Journal(copied / "evaluations.jsonl").all() if e.split == "confirm")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "new_ledger.jsonl")


def test_the_test_split_stays_closed_without_a_ledger_and_without_a_nominated_network(
    conclusion: Conclusion, long: tuple[Evaluation, ...], ledger: Ledger
) -> None:
    some, none = Outcome((), long, long[0]), Outcome((), long, None)
    for rows in (conclusion.rows(some, some, None), conclusion.rows(none, some, ledger)):
        assert {row.split for row in rows} == {"confirm"}
    assert ledger.find(weights_digest(conclusion.prepared.network)) is None


def test_prototype_nominated_and_the_control_s_best_are_tested_and_no_other(
    conclusion: Conclusion, long: tuple[Evaluation, ...], ledger: Ledger, copied: Path
) -> None:
    main, control = Outcome((), long[:2], long[0]), Outcome((), long[2:], long[2])
    rows = conclusion.rows(main, control, ledger)
    tested = [row.name for row in rows if row.split == "test"]
    names = [e.candidate.name for e in long]
    assert tested == ["prototype", names[0], f"uniform {names[2]}"]
    assert [row.name for row in rows if row.mark] == [names[0], names[0]]
    assert ledger.find(weights_digest(load(copied / long[0].network))) is not None
    assert ledger.find(weights_digest(load(copied / long[1].network))) is None


def test_margins_on_confirm_keep_their_slack_and_test_figures_are_as_read(
    conclusion: Conclusion, long: tuple[Evaluation, ...], ledger: Ledger
) -> None:
    rows = conclusion.rows(Outcome((), long[:1], long[0]), None, ledger)
    confirm, test = (row for row in rows if row.name == long[0].candidate.name)
    (bound,) = conclusion.confirmation.requirements.bounds
    assert confirm.margins["accuracy"] < confirm.measurements["accuracy"] - bound.limit
    assert test.margins["accuracy"] == test.measurements["accuracy"] - bound.limit


def test_the_difference_to_the_prototype_stands_beside_every_network_but_itself(
    conclusion: Conclusion, long: tuple[Evaluation, ...], ledger: Ledger, copied: Path
) -> None:
    main = Outcome((), long[:2], long[0])
    rows = conclusion.rows(main, None, ledger)
    conclusion.write(rows, main)
    for row in json.loads((copied / "result.json").read_text())["rows"]:
        for part in ("measurements", "standard_errors"):
            assert ("accuracy_minus_prototype" in row[part]) == (row["name"] != "prototype")


def test_a_failed_finalist_has_a_row_with_its_cause(
    conclusion: Conclusion, long: tuple[Evaluation, ...]
) -> None:
    failed = replace(long[0], status="failed", cause="NaN", measurements={}, network="")
    rows = conclusion.rows(Outcome((), (failed,), None), None, None)
    assert "failed: NaN" in rows[1].name
    assert rows[1].measurements == {}


def test_the_nearest_is_named_with_what_it_misses_by(
    conclusion: Conclusion, long: tuple[Evaluation, ...]
) -> None:
    def missing(e: Evaluation, accuracy: float) -> Evaluation:
        return replace(e, measurements={**e.measurements, "accuracy": accuracy})

    failed = replace(long[0], status="failed", cause="NaN", measurements={}, network="")
    said = conclusion.nearest((failed, missing(long[1], 5.0), missing(long[2], 9.0)))
    assert f"nearest is {long[2].candidate.name}: accuracy 9 misses at_least" in said
    assert "NaN" in conclusion.nearest((failed,))
    assert "none was trained long" in conclusion.nearest(())


def test_without_a_nominated_network_none_is_written(
    conclusion: Conclusion, long: tuple[Evaluation, ...], copied: Path
) -> None:
    for name in ("network.safetensors", "result.json"):
        (copied / name).unlink()
    none = Outcome((), long, None)
    conclusion.write(conclusion.rows(none, None, None), none)
    assert json.loads((copied / "result.json").read_text())["nominated"] is None
    assert not (copied / "network.safetensors").exists()
