"""What is recorded of a nominated design that was trained again from other seeds."""

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gensynth.errors import DataError
from gensynth.pairing import paired_intervals
from gensynth.report.read_run import read_run
from gensynth.tasks.task import Quality

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module", name="benchmark")
def _benchmark() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        yield importlib.import_module("training_seeds")


def quality(*hits: float) -> Quality:
    each = np.array(hits)
    return Quality({"accuracy": float(each.mean())}, {"accuracy": 1.0}, {"accuracy": each})


def test_the_mean_is_over_seeds_and_its_interval_over_images(benchmark: Any) -> None:
    prototype = quality(100, 100, 0, 100)
    networks = [quality(100, 0, 0, 100), quality(0, 0, 0, 0), quality(100, 100, 100, 100)]
    found = benchmark.compared(prototype, networks, "accuracy")
    assert (found["images"], found["prototype"]) == (4, 75.0)
    assert found["minus_prototype"] == [-25.0, -75.0, 25.0]
    assert found["mean"] == -25.0
    # deviations 0, -50 and 50: their variance is 5000 / 2, and over three seeds a third of it
    assert found["standard_error"] == pytest.approx((2500 / 3) ** 0.5, abs=1e-3)
    mean = {"accuracy": np.array([200, 100, 100, 200]) / 3}
    (interval,) = paired_intervals(mean, prototype.examples, ["accuracy"]).values()
    assert found["interval_95"] == list(interval)


def test_one_seed_has_a_mean_but_no_error(benchmark: Any) -> None:
    found = benchmark.compared(quality(100, 0), [quality(100, 100)], "accuracy")
    assert (found["mean"], found["standard_error"]) == (50.0, None)


def test_readings_without_images_are_refused(benchmark: Any) -> None:
    old = Quality({"accuracy": 50.0}, {"accuracy": 1.0}, {})
    with pytest.raises(DataError, match="does not tell what each image contributes"):
        benchmark.compared(quality(100, 0), [old], "accuracy")


def test_every_machine_and_version_is_told_and_the_page_shows_the_differences(
    benchmark: Any,
) -> None:
    networks = [quality(100, 0, 0, 100), quality(100, 100, 100, 100)]
    split = benchmark.compared(quality(100, 100, 0, 100), networks, "accuracy")
    common = {"quality": "accuracy", "n": 2, "splits": {"confirm": split}}
    record = benchmark.record_of(
        {
            "a, seed 0": common | {"device": "X", "commit": "1", "versions": {"torch": "2.1"}},
            "b, seed 0": common | {"device": "Y", "commit": "2", "versions": {"torch": "2.2"}},
        }
    )
    assert (record["devices"], record["commits"]) == (["X", "Y"], ["1", "2"])
    assert record["versions"] == {"torch": ["2.1", "2.2"]}
    told = "\n".join(importlib.import_module("results_page").seeds(record))
    assert "| a, seed 0 | confirm | 4 |" in told
    assert "-25.00, +25.00" in told


def test_a_run_that_nominated_nothing_is_refused(benchmark: Any, made: Callable[..., Any]) -> None:
    run = made().begun().prepared().finalist("a", 60.0)
    run.concluded(nominated=None)
    with pytest.raises(DataError, match=f"{run.folder.name} has nominated no network"):
        benchmark.nominated_design(SimpleNamespace(folder=run.folder))


def test_a_run_without_a_result_is_refused(benchmark: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has no result table"):
        benchmark.nominated_design(SimpleNamespace(folder=tmp_path))


def test_the_design_is_the_nominated_ones(benchmark: Any, whole: Path) -> None:
    run = read_run(whole)
    (own,) = {e.candidate.design for e in run.trained if e.candidate.name == run.nominated}
    assert benchmark.nominated_design(SimpleNamespace(folder=whole)) == own
