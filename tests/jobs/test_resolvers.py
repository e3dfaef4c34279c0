"""What configuration files may interpolate."""

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from gensynth.jobs import places, resolvers


@pytest.fixture(autouse=True)
def _registered(outputs: Path) -> None:
    resolvers.register()


def test_run_folder_is_asked_for_often_and_stays_the_same() -> None:
    cfg = OmegaConf.create({"run": "${outputs:}/runs/${unique:}", "again": "${unique:}"})
    assert cfg.run == cfg.run == f"{places.runs()}/{cfg.again}"
    assert OmegaConf.create({"run": "${unique:}"}).run != cfg.again
