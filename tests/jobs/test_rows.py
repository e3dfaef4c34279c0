"""Rows of the result table: relative bounds and differences mean the same images."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gensynth.confirmation import Confirmation
from gensynth.jobs import places
from gensynth.jobs.assembly import Assembly
from gensynth.jobs.past_run import PastRun
from gensynth.jobs.rows import Readings, confirm_row
from gensynth.journal import Journal, Ledger
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import load
from gensynth.records import Evaluation
from gensynth.requirements import Requirements
from gensynth.training import evaluate_quality


@pytest.fixture(scope="module")
def past(finished: Path) -> Iterator[PastRun]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(places.OUTPUTS, str(finished.parents[1]))
        yield PastRun.open(finished.name)


@pytest.fixture(scope="module")
def relative(past: PastRun) -> Assembly:
    """The run's objects with a bound relative to the prototype."""
    bounds = {"accuracy": {"at_least": "prototype-0.5"}, "parameters": {"at_most": "90%"}}
    return replace(past.assembly, requirements=Requirements(bounds))


@pytest.fixture(scope="module")
def long(finished: Path) -> Evaluation:
    return next(e for e in Journal(finished / "evaluations.jsonl").all() if e.split == "confirm")


@pytest.fixture(scope="module")
def network(finished: Path, long: Evaluation) -> GraphNetwork:
    return load(finished / long.network)


def hits(past: PastRun, network: GraphNetwork) -> np.ndarray:
    a = past.assembly
    a.data.open_test()
    return evaluate_quality(network, a.task, a.data, "test", a.training).examples["accuracy"]


def test_a_relative_bound_means_the_prototype_s_figure_on_the_test_split(
    past: PastRun, relative: Assembly, network: GraphNetwork, tmp_path: Path
) -> None:
    readings = Readings.beside(past.prototype, relative, Ledger(tmp_path / "ledger.jsonl"))
    ours, theirs = hits(past, network), hits(past, past.prototype)
    assert theirs.mean() != past.evaluation.measurements["accuracy"]  # that is confirm's
    row = readings.row("a", network)
    assert row.margins["accuracy"] == pytest.approx(ours.mean() - (theirs.mean() - 0.5))
    limit = 0.9 * past.prototype.graph.parameters
    assert row.margins["parameters"] == pytest.approx(limit - network.graph.parameters)
    assert readings.prototype().margins["accuracy"] == pytest.approx(0.5)
    assert readings.prototype().measurements["accuracy"] == theirs.mean()


def test_a_test_row_holds_the_difference_to_the_prototype_paired_by_image(
    past: PastRun, relative: Assembly, network: GraphNetwork, tmp_path: Path
) -> None:
    difference = hits(past, network) - hits(past, past.prototype)
    for _ in range(2):  # the second time from the ledger
        readings = Readings.beside(past.prototype, relative, Ledger(tmp_path / "ledger.jsonl"))
        row = readings.row("a", network)
        assert row.measurements["accuracy_minus_prototype"] == pytest.approx(difference.mean())
        error = difference.std(ddof=1) / len(difference) ** 0.5
        assert row.standard_errors["accuracy_minus_prototype"] == pytest.approx(error)
    assert len((tmp_path / "ledger.jsonl").read_text().splitlines()) == 2


def test_a_ledger_of_an_older_version_gives_the_difference_without_its_error(
    past: PastRun, relative: Assembly, network: GraphNetwork, tmp_path: Path
) -> None:
    path = tmp_path / "ledger.jsonl"
    new = Readings.beside(past.prototype, relative, Ledger(path)).row("a", network)
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    for entry in entries:
        del entry["reading"]["examples"]
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    old = Readings.beside(past.prototype, relative, Ledger(path)).row("a", network)
    assert (old.measurements, old.margins) == (new.measurements, new.margins)
    assert set(new.standard_errors) - set(old.standard_errors) == {"accuracy_minus_prototype"}


def test_a_confirm_row_keeps_the_paired_error_and_its_slack(
    past: PastRun, relative: Assembly, long: Evaluation
) -> None:
    reference = past.evaluation.measurements
    confirmation = replace(past.confirmation, requirements=relative.requirements.resolve(reference))
    row = confirm_row("a", long, past.evaluation, confirmation, "*")
    compared = ("accuracy", "information_density", "net_score")
    differences = {f"{n}_minus_prototype": long.measurements[n] - reference[n] for n in compared}
    assert row.measurements == {**long.measurements, **differences}
    assert row.standard_errors == long.standard_errors
    error = row.standard_errors["accuracy_minus_prototype"]
    expected = differences["accuracy_minus_prototype"] + 0.5 - confirmation.z * error
    assert row.margins["accuracy"] == pytest.approx(expected)
    assert (row.split, row.mark) == ("confirm", "*")


def test_the_prototype_has_no_difference_to_itself(past: PastRun) -> None:
    confirmation: Confirmation = past.confirmation
    row = confirm_row("prototype", past.evaluation, past.evaluation, confirmation)
    assert row.measurements == past.evaluation.measurements
