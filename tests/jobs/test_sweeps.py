"""Failures of a sweep are collected in the order of its jobs."""

import math
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from gensynth.jobs.sweeps import SweepReport, failed, failures


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
