"""Figures over the seeds of a sweep, against NumPy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gensynth.jobs.sweep_summary import LONGEST, Summed, SweptJob, settings

SUMMED = Summed(higher=("net_score",), lower=("macs",))
FIGURES = st.fixed_dictionaries({"nominated_net_score": st.floats(-1e3, 1e3)})


def job(seed: int, figures: dict[str, float], *others: str) -> SweptJob:
    return SweptJob(("experiment=tiny", f"seed={seed}", *others), figures)


@given(st.lists(FIGURES, min_size=2, max_size=9))
def test_mean_spread_and_best_are_numpys(every: list[dict[str, float]]) -> None:
    found = SUMMED.over([job(seed, figures) for seed, figures in enumerate(every)])
    values = np.array([one["nominated_net_score"] for one in every])
    assert found == {
        "jobs": len(every),
        "feasible_fraction": 1.0,
        "mean_nominated_net_score": pytest.approx(values.mean(), abs=1e-9),
        "best_nominated_net_score": values.max(),
        "standard_deviation_nominated_net_score": pytest.approx(values.std(ddof=1), abs=1e-6),
    }


def test_a_job_without_a_nominated_network_is_not_feasible() -> None:
    found = SUMMED.over([job(0, {"nearest_macs": 1.0}), job(1, {}), job(2, {"nominated_macs": 7})])
    assert found == {
        "jobs": 3,
        "feasible_fraction": pytest.approx(1 / 3),
        "mean_nominated_macs": 7,
        "best_nominated_macs": 7,
    }
    assert SUMMED.over([job(0, {})]) == {"jobs": 1, "feasible_fraction": 0.0}


def test_less_is_better_of_costs() -> None:
    jobs = [job(seed, {"nominated_macs": macs}) for seed, macs in enumerate([5.0, 3.0, 4.0])]
    assert SUMMED.over(jobs)["best_nominated_macs"] == 3.0


def test_every_other_setting_is_summed_up_apart() -> None:
    jobs = [
        job(seed, {"nominated_net_score": score + seed}, f"inquisitor={inquisitor}")
        for inquisitor, score in [("random", 60.0), ("mutual_info", 70.0)]
        for seed in (0, 1)
    ]
    found = SUMMED.over(jobs)
    assert found["mean_nominated_net_score"] == 65.5
    assert found["inquisitor:random/mean_nominated_net_score"] == 60.5
    assert found["inquisitor:mutual_info/mean_nominated_net_score"] == 70.5
    assert found["inquisitor:random/jobs"] == 2


def test_long_settings_stay_apart() -> None:
    long = "x" * LONGEST
    jobs = [job(0, {}, f"a={long}{end}") for end in "bc"]
    names = settings(jobs)
    assert len(set(names)) == 2
    assert max(len(name) for name in names) < LONGEST + 10
