"""Ctrl-C in Lightning's loop stays Ctrl-C; logging is as it was."""

import logging
import signal
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from gensynth.data.digits import Digits
from gensynth.network.graph_network import GraphNetwork
from gensynth.tasks.classification import Classification
from gensynth.training import Training


@pytest.mark.parametrize("way_out", [KeyboardInterrupt, SystemExit])
def test_leaving_early_is_passed_on_as_it_is(
    way_out: type[BaseException],
    network: Callable[..., GraphNetwork],
    task: Classification,
    digits: Digits,
    recipe: Callable[..., Training],
) -> None:
    handler, level = signal.getsignal(signal.SIGINT), logging.getLogger("pytorch_lightning").level
    with (
        patch.object(Classification, "loss", side_effect=way_out),
        pytest.raises(way_out) as caught,
    ):
        recipe().fit(network(), task, digits, epochs=1, seed=0)
    assert type(caught.value) is way_out
    assert signal.getsignal(signal.SIGINT) is handler
    assert logging.getLogger("pytorch_lightning").level == level


def test_a_cluster_s_environment_is_not_looked_at(
    network: Callable[..., GraphNetwork],
    task: Classification,
    digits: Digits,
    recipe: Callable[..., Training],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {"SLURM_NTASKS": "4", "SLURM_JOB_NAME": "job", "SLURM_PROCID": "1"}.items():
        monkeypatch.setenv(name, value)
    report = recipe().fit(network(), task, digits, epochs=1, seed=0)
    assert report.images_per_second * report.seconds == pytest.approx(320)
