"""What is recorded of whole runs for the page of results."""

import importlib
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gensynth.errors import DataError
from gensynth.report.read_run import read_run

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module", name="benchmark")
def _benchmark() -> Iterator[Callable[[str], Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        yield importlib.import_module


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
    density = own["information_density"] / base["information_density"]
    assert gained["times_information_density"] == pytest.approx(density)
    assert gained["times_information_density"] == pytest.approx(fewer * 88 / 90)
    assert gained["accuracy_gained"] == pytest.approx(-2.0)
    assert gained["net_score_gained"] == pytest.approx(own["net_score"] - base["net_score"])
    assert gained["lead_over_uniform"] == pytest.approx(own["net_score"] - other["net_score"])


def test_a_control_that_misses_the_requirements_is_no_control(
    benchmark: Callable[[str], Any], made: Callable[..., Any]
) -> None:
    run = made().begun().prepared().finalist("a", 88.0)
    run.finalist("uniform low", 60.0, "uniform finalist")
    run.concluded(nominated="a")
    found = benchmark("whole_runs").recorded(read_run(run.folder))["splits"]["confirm"]
    assert "uniform" not in found["networks"]
    assert "lead_over_uniform" not in found["gains"]


def test_the_test_split_is_told_of_only_where_it_was_read(
    benchmark: Callable[[str], Any], made: Callable[..., Any]
) -> None:
    module = benchmark("whole_runs")
    closed = made("closed").begun().prepared().finalist("a", 88.0)
    closed.concluded(nominated="a", tested=False)
    opened = made("opened").begun().prepared().finalist("a", 88.0).concluded(nominated="a")
    assert set(module.recorded(read_run(closed.folder))["splits"]) == {"confirm"}
    assert set(module.recorded(read_run(opened.folder))["splits"]) == {"confirm", "test"}


def test_an_unfinished_run_is_refused(
    benchmark: Callable[[str], Any], made: Callable[..., Any]
) -> None:
    with pytest.raises(DataError, match="has not come to its result"):
        benchmark("whole_runs").recorded(read_run(made().begun().prepared().folder))


def test_a_run_replaces_only_that_of_its_own_experiment_and_seed(
    benchmark: Callable[[str], Any],
) -> None:
    def run(experiment: str, seed: int, mark: str) -> dict[str, Any]:
        return {"experiment": experiment, "seed": seed, "mark": mark}

    before = [run("camvid_cpu", 0, "old"), run("camvid_cpu", 1, "old"), run("penn", 0, "old")]
    found = benchmark("whole_runs").with_new(before, [run("camvid_cpu", 0, "new")])
    marks = {(one["experiment"], one["seed"]): one["mark"] for one in found}
    assert marks == {("camvid_cpu", 0): "new", ("camvid_cpu", 1): "old", ("penn", 0): "old"}


def test_means_are_of_the_runs_of_an_experiment(benchmark: Callable[[str], Any]) -> None:
    def run(experiment: str, lead: float) -> dict[str, Any]:
        return {
            "experiment": experiment,
            "splits": {"confirm": {"networks": {}, "gains": {"lead_over_uniform": lead}}},
        }

    found = benchmark("whole_runs").summary([run("a", 1.0), run("a", 4.0), run("b", 9.0)])
    assert found["a"]["n"] == 2
    lead = found["a"]["confirm"]["lead_over_uniform"]
    assert lead["mean"] == 2.5
    assert lead["standard_error"] == pytest.approx(3 / math.sqrt(2) / math.sqrt(2))
    assert found["b"]["confirm"]["lead_over_uniform"]["mean"] == 9.0


def test_the_page_shows_a_run_with_its_intervals(
    benchmark: Callable[[str], Any], whole: Path
) -> None:
    one = benchmark("whole_runs").recorded(read_run(whole))
    one["environment"] |= {"threads": 1, "workers": 2, "precision": "bfloat16"}
    nominated = one["splits"]["confirm"]["networks"]["nominated"]
    nominated["measurements"]["accuracy_minus_prototype"] = -2.0
    nominated["intervals_95"]["accuracy_minus_prototype"] = [-3.5, 0.25]
    told = "\n".join(benchmark("results_page").whole({"claim": "runs", "runs": [one]}))
    assert "-2.00 (-3.50 to +0.25)" in told
    assert "| lead over uniform |" in told
