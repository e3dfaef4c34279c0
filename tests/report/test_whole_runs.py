"""What is recorded of whole runs for the page of results."""

import importlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from gensynth.errors import DataError
from gensynth.network.saving import load
from gensynth.records import Foretold
from gensynth.report.read_run import read_run
from gensynth.run_files import ENVIRONMENT, RESULT

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module", name="benchmark")
def _benchmark() -> Iterator[Callable[[str], Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        yield importlib.import_module


MACHINE = {"device": "cpu", "processor": "theirs", "precision": "bfloat16", "workers": 2,
           "threads": 1, "python": "3.11.7", "packages": {"torch": "2.0"}}  # fmt: skip


def finished(made: Callable[..., Any], name: str = "run", **concluded: Any) -> Any:
    run = made(name).begun().prepared().finalist("a", 88.0)
    run.write(ENVIRONMENT, MACHINE | {"origin": {"git_commit": "0123abcd", "user": "somebody"}})
    return run.concluded(**{"nominated": "a", **concluded})


def test_gains_are_those_of_the_nominated_network(
    benchmark: Callable[[str], Any], whole: Path
) -> None:
    run = read_run(whole)
    found = benchmark("whole_runs").recorded(run)["splits"]["confirm"]
    own, base, other = (
        found["networks"][name]["measurements"] for name in ("nominated", "prototype", "uniform")
    )
    assert (own["accuracy"], base["accuracy"], other["accuracy"]) == (88.0, 90.0, 86.0)
    gained = found["gains"]
    fewer = base["parameters"] / own["parameters"]
    assert gained["times_fewer_parameters"] == pytest.approx(fewer)
    assert gained["times_fewer_macs"] == pytest.approx(base["macs"] / own["macs"])
    assert gained["times_information_density"] == pytest.approx(fewer * 88 / 90)
    assert gained["gain_over_prototype_accuracy"] == pytest.approx(-2.0)
    assert gained["gain_over_uniform_accuracy"] == pytest.approx(2.0)
    scores = [one["net_score"] for one in (own, base, other)]
    assert gained["gain_over_prototype_net_score"] == pytest.approx(scores[0] - scores[1])
    assert gained["gain_over_uniform_net_score"] == pytest.approx(scores[0] - scores[2])


def test_a_control_that_misses_the_requirements_is_no_control(
    benchmark: Callable[[str], Any], made: Callable[..., Any]
) -> None:
    run = made().begun().prepared().finalist("a", 88.0)
    run.finalist("uniform low", 60.0, "uniform finalist")
    run.concluded(nominated="a")
    found = benchmark("whole_runs").recorded(read_run(run.folder))["splits"]["confirm"]
    assert "uniform" not in found["networks"]
    assert not [name for name in found["gains"] if "uniform" in name]


def test_the_control_is_chosen_on_the_confirm_split_and_then_read_on_the_test_split(
    benchmark: Callable[[str], Any], made: Callable[..., Any]
) -> None:
    run = made().begun().prepared().finalist("a", 88.0)
    run.finalist("uniform first", 86.0, "uniform finalist")
    run.finalist("uniform second", 85.0, "uniform finalist")
    run.concluded(nominated="a")
    result = json.loads((run.folder / RESULT).read_text())
    other_way_round = {"uniform first": 84.0, "uniform second": 87.0}
    for name, accuracy in other_way_round.items():
        row = asdict(run.row(name, "test"))
        row["measurements"] |= {"accuracy": accuracy, "net_score": 100 + accuracy}
        result["rows"].append(row)
    run.write(RESULT, result)
    found = benchmark("whole_runs").recorded(read_run(run.folder))["splits"]
    names = {found[split]["networks"]["uniform"]["name"] for split in found}
    assert names == {run.finalists["uniform first"].candidate.name}
    assert found["test"]["networks"]["uniform"]["measurements"]["accuracy"] == 84.0


def test_search_and_control_are_counted_apart_and_no_training_twice(
    benchmark: Callable[[str], Any], whole: Path
) -> None:
    found = benchmark("whole_runs").recorded(read_run(whole))
    # two cycles of one candidate that was also promoted and one that failed, two finalists
    assert {n: found["search"][n] for n in ("short", "long", "failed")} == {
        "short": 2,
        "long": 4,
        "failed": 2,
    }
    assert (found["control"]["short"], found["control"]["long"]) == (0, 1)


def test_the_test_split_is_told_of_only_where_it_was_read(
    benchmark: Callable[[str], Any], made: Callable[..., Any]
) -> None:
    module = benchmark("whole_runs")
    closed, opened = finished(made, "closed", tested=False), finished(made, "opened")
    assert set(module.recorded(read_run(closed.folder))["splits"]) == {"confirm"}
    assert set(module.recorded(read_run(opened.folder))["splits"]) == {"confirm", "test"}


def test_every_evaluation_is_told_with_its_design(
    benchmark: Callable[[str], Any], whole: Path
) -> None:
    run = read_run(whole)
    told = benchmark("whole_runs").recorded(run)["evaluations"]
    assert len(told) == len(run.trained)
    for one, evaluation in zip(told, run.trained, strict=True):
        assert tuple(map(int, one["design"].split())) == evaluation.candidate.design
        assert one.get("accuracy") == evaluation.measurements.get("accuracy")
        assert bool(one["cause"]) == (evaluation.status == "failed")


def test_what_was_foretold_is_told_by_fidelity(
    benchmark: Callable[[str], Any], whole: Path
) -> None:
    told = (
        Foretold("a", "short", 80.0, 75.0, 85.0, 83.0),
        Foretold("b", "short", 80.0, 79.0, 81.0, 84.0),
        Foretold("c", "long", 80.0, 79.0, 83.0, 79.0),
    )
    found = benchmark("whole_runs").foretold(replace(read_run(whole), foretold=told))
    assert found["short"] == {
        "n": 2,
        "within_95": 1,
        "interval_95": 6.0,
        "missed": 3.5,
        "missed_root_mean_square": pytest.approx(12.5**0.5),
    }
    assert (found["long"]["n"], found["long"]["within_95"], found["long"]["missed"]) == (1, 1, -1)


def test_an_unfinished_run_is_refused(
    benchmark: Callable[[str], Any], made: Callable[..., Any]
) -> None:
    with pytest.raises(DataError, match="has not come to its result"):
        benchmark("whole_runs").recorded(read_run(made().begun().prepared().folder))


def test_the_machine_is_that_of_the_run_and_what_tells_of_a_person_is_left_out(
    benchmark: Callable[[str], Any], made: Callable[..., Any]
) -> None:
    found = benchmark("whole_runs").recorded(read_run(finished(made).folder))
    assert (found["commit"], found["device"]) == ("0123abcd", "theirs")
    assert "somebody" not in json.dumps(found)


def test_a_run_replaces_only_that_of_its_own_experiment_and_seed(
    benchmark: Callable[[str], Any],
) -> None:
    def run(experiment: str, seed: int, mark: str) -> dict[str, Any]:
        return {"experiment": experiment, "seed": seed, "mark": mark}

    before = [run("camvid_cpu", 0, "old"), run("camvid_cpu", 1, "old"), run("penn", 0, "old")]
    found = benchmark("whole_runs").with_new(before, [run("camvid_cpu", 0, "new")])
    marks = {(one["experiment"], one["seed"]): one["mark"] for one in found}
    assert marks == {("camvid_cpu", 0): "new", ("camvid_cpu", 1): "old", ("penn", 0): "old"}


def test_means_are_of_the_runs_that_have_a_figure(benchmark: Callable[[str], Any]) -> None:
    def run(experiment: str, **gains: float) -> dict[str, Any]:
        splits = {"confirm": {"networks": {}, "gains": gains}}
        return {"experiment": experiment, "nominated": gains and "c01", "splits": splits}

    runs = [run("a", lead=1.0), run("a", lead=4.0), run("a"), run("b", lead=9.0)]
    found = benchmark("whole_runs").summary(runs)
    assert (found["a"]["n"], found["a"]["nominated"]) == (3, 2)
    lead = found["a"]["confirm"]["lead"]
    assert (lead["n"], lead["mean"]) == (2, 2.5)
    assert lead["standard_error"] == pytest.approx(1.5)  # of 1 and 4: |4 - 1| / 2
    assert found["b"]["confirm"]["lead"]["mean"] == 9.0


def test_networks_are_kept_and_those_of_an_earlier_run_go(
    benchmark: Callable[[str], Any], made: Callable[..., Any], tmp_path: Path
) -> None:
    module, kept = benchmark("whole_runs"), tmp_path / "kept"
    run = finished(made)
    module.keep_networks(read_run(run.folder), "digits-seed0", kept)
    (file,) = kept.iterdir()
    nominated = run.finalists["a"]
    assert load(file).graph.digest == nominated.candidate.digest
    nothing = finished(made, "nothing", nominated=None)
    module.keep_networks(read_run(nothing.folder), "digits-seed0", kept)
    assert not list(kept.iterdir())


def test_the_page_shows_intervals_and_what_is_missed(
    benchmark: Callable[[str], Any], made: Callable[..., Any]
) -> None:
    module = benchmark("whole_runs")
    one = module.recorded(read_run(finished(made).folder))
    nominated = one["splits"]["confirm"]["networks"]["nominated"]
    nominated["measurements"]["accuracy_minus_prototype"] = -2.0
    nominated["intervals_95"]["accuracy_minus_prototype"] = [-3.5, 0.25]
    one["splits"]["test"]["networks"]["nominated"]["margins"] = {"accuracy": -0.75}
    told = page(benchmark, [one])
    assert "-2.00 (-3.50 to +0.25)" in told
    assert "88.00 ± 0.50" in told  # no interval: the standard error
    assert "misses accuracy by 0.75" in told
    assert "NetScore gained over prototype" in told


def test_the_page_says_that_nothing_was_nominated(
    benchmark: Callable[[str], Any], made: Callable[..., Any]
) -> None:
    one = benchmark("whole_runs").recorded(read_run(finished(made, nominated=None).folder))
    assert "none was nominated" in page(benchmark, [one])


def page(benchmark: Callable[[str], Any], runs: list[dict[str, Any]]) -> str:
    record = {"claim": "runs", "runs": runs, "summary": benchmark("whole_runs").summary(runs)}
    return "\n".join(benchmark("results_page").whole(record))
