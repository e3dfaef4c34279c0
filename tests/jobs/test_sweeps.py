"""Failures of a sweep are collected in the order of its jobs, and figures over them in MLflow."""

import atexit
import math
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run
from omegaconf import OmegaConf

from gensynth.diary import AboutNote
from gensynth.errors import NothingMetRequirements
from gensynth.jobs.build import build
from gensynth.jobs.environment import pin
from gensynth.jobs.sweeps import SweepReport, failed, failures
from gensynth.jobs.watch import tracked

Command = Callable[..., Any]

ABOUT = AboutNote(
    data={
        "name": "squares",
        "input_shape": [1, 8, 8],
        "classes": ["a", "b"],
        "counts": {"train": 80},
        "digest": "0123456789abcdef" * 4,
    },
    quality="accuracy",
    score="net_score",
    costs=["macs"],
    units={"accuracy": "percent"},
    choices={},
)


def test_failed_job_scores_worst_and_is_found_again(tmp_path: Path) -> None:
    for number in [10, 2]:
        (tmp_path / str(number)).mkdir()
        assert failed(tmp_path / str(number), f"line {number}") == -math.inf
    (tmp_path / "3").mkdir()
    assert failures(tmp_path) == ["2: line 2", "10: line 10"]


def test_report_ends_the_process_only_after_failures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = OmegaConf.create({"hydra": {"sweep": {"dir": str(tmp_path)}}})
    SweepReport().on_multirun_end(config)
    (tmp_path / "0").mkdir()
    failed(tmp_path / "0", "why")
    with pytest.raises(SystemExit) as end:
        SweepReport().on_multirun_end(config)
    assert end.value.code == 1
    assert "0: why" in capsys.readouterr().err


SCORES = {("blind", 0): 60.0, ("blind", 1): 64.0, ("random", 1): 50.0}


def synthesis(cfg: Any, folder: Path) -> float:
    """Stands in for a synthesis; where there is no score for it, no network is good enough."""
    inquisitor = "random" if "Random" in cfg.inquisitor._target_ else "blind"
    score = SCORES.get((inquisitor, cfg.seed))
    pin(cfg, folder)
    with tracked(build(cfg.tracking), cfg, folder) as telling:
        telling(ABOUT)
        if score is None:
            telling.figures["nearest_net_score"] = 1e6
            raise NothingMetRequirements("no network met the requirements")
        telling.figures.update(
            nominated_net_score=score, nominated_accuracy=score + 30, nominated_macs=1000 - score
        )
        return score


def swept(outputs: Path) -> tuple[Run, list[Run]]:
    client = MlflowClient(f"sqlite:///{outputs / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("gensynth-classification")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    (parent,) = (run for run in runs if run.data.tags["role"] == "sweep")
    (note,) = (outputs / "runs").glob("*/mlflow_run_id")
    assert note.read_text().strip() == parent.info.run_id
    jobs = [run for run in runs if run.info.run_id != parent.info.run_id]
    assert {run.data.tags["mlflow.parentRunId"] for run in jobs} == {parent.info.run_id}
    return parent, jobs


def test_a_sweep_s_run_sums_up_over_seeds_and_per_setting(gensynth: Command, outputs: Path) -> None:
    words = ["-m", "seed=0,1", "inquisitor=blind,random", "tracking.system_metrics=false"]
    assert gensynth(*words, run=synthesis).status == 1  # as one job has failed
    parent, jobs = swept(outputs)
    assert len(jobs) == 4
    assert parent.info.status == "FINISHED"
    assert parent.info.run_name == "digits, sweep seed=0,1 inquisitor=blind,random"
    figures = parent.data.metrics
    scores = list(SCORES.values())
    assert (figures["jobs"], figures["feasible_fraction"]) == (4, 0.75)
    assert figures["mean_nominated_net_score"] == pytest.approx(statistics.mean(scores))
    spread = figures["standard_deviation_nominated_accuracy_percent"]
    assert spread == pytest.approx(statistics.stdev(scores))
    assert figures["best_nominated_net_score"] == 64.0
    assert figures["best_nominated_macs"] == 1000 - 64.0
    assert figures["inquisitor:blind/mean_nominated_net_score"] == 62.0
    assert figures["inquisitor:random/feasible_fraction"] == 0.5
    assert parent.inputs is not None
    assert [one.dataset.name for one in parent.inputs.dataset_inputs] == ["squares"]


def test_a_sweep_that_is_interrupted_does_not_run_for_ever(
    gensynth: Command, outputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last: list[Callable[[], None]] = []
    monkeypatch.setattr(atexit, "register", lambda what, *a: last.append(lambda: what(*a)))

    def body(cfg: Any, folder: Path) -> float:
        if cfg.seed == 1:
            raise KeyboardInterrupt
        return synthesis(cfg, folder)

    words = ["-m", "seed=0,1,2", "inquisitor=blind", "tracking.system_metrics=false"]
    assert gensynth(*words, run=body).status == 130
    assert swept(outputs)[0].info.status == "RUNNING"
    (at_exit,) = last
    at_exit()
    parent, _ = swept(outputs)
    assert parent.info.status == "KILLED"
    assert parent.data.metrics["best_nominated_net_score"] == 60.0
    assert parent.data.metrics["feasible_fraction"] == 0.5  # of those that were begun


def test_a_store_that_cannot_be_opened_stops_a_sweep_before_its_first_job(
    gensynth: Command, outputs: Path
) -> None:
    outputs.mkdir()
    (outputs / "mlflow.db").write_text("this is no database")
    ended = gensynth("-m", "seed=0,1", run=lambda cfg, folder: pytest.fail("a job was started"))
    assert ended.status == 1
    assert "tracking=none" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("words", [["tracking=none"], ["generate", "run=last"]], ids=str)
def test_without_tracking_there_is_no_run_of_a_sweep(
    gensynth: Command, outputs: Path, words: list[str]
) -> None:
    assert gensynth(*words, "seed=0,1", "-m").status == 0
    assert not (outputs / "mlflow.db").exists()
