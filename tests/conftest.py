"""What all tests share: few threads, and nothing written outside temporary folders."""

import os

# Before torch is imported anywhere: tests are small, and often share a machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from collections.abc import Iterator

import pytest
from hypothesis import settings

# Machines are shared and modules are imported on first use: no test is late by the clock.
settings.register_profile("gensynth", deadline=None)
settings.load_profile("gensynth")


@pytest.fixture(scope="session", autouse=True)
def _own_places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENSYNTH_OUTPUTS", str(tmp_path_factory.mktemp("outputs")))
        patch.setenv("GENSYNTH_DATA", str(tmp_path_factory.mktemp("no_data")))
        for name in ["MLFLOW_TRACKING_URI", "HYDRA_FULL_ERROR", "GENSYNTH_FULL_ERROR"]:
            patch.delenv(name, raising=False)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs CUDA where there is none."""
    needy = [item for item in items if item.get_closest_marker("gpu")]
    if not needy:
        return
    import torch

    if not torch.cuda.is_available():
        for item in needy:
            item.add_marker(pytest.mark.skip(reason="needs CUDA"))
