"""System metrics reach the store beside the run, and never hold it up."""

import threading
from pathlib import Path
from typing import Any

import psutil
import pytest
from mlflow import MlflowClient
from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

from gensynth.tracking import system_metrics
from gensynth.tracking.store import open_store
from gensynth.tracking.system_metrics import SystemMetrics


@pytest.fixture
def run(store: Path) -> tuple[MlflowClient, str, str]:
    uri = f"sqlite:///{store / 'mlflow.db'}"
    client, experiment = open_store(uri, "system metrics", store / "artifacts")
    return client, uri, client.create_run(experiment).info.run_id


def steps(client: MlflowClient, run: str) -> list[int]:
    history = client.get_metric_history(run, "system/cpu_utilization_percentage")
    return [point.step for point in history]


def test_curves_go_on_where_they_ended_when_a_run_is_continued(
    run: tuple[MlflowClient, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, uri, name = run
    written = threading.Event()
    publish: Any = SystemMetricsMonitor.publish_metrics

    def published(*args: Any) -> None:
        publish(*args)
        written.set()

    monkeypatch.setattr(SystemMetricsMonitor, "publish_metrics", published)
    monkeypatch.setenv("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL", "0.01")
    for _ in range(2):
        written.clear()
        metrics = SystemMetrics(uri, name)
        assert written.wait(60)
        metrics.stop()
    found = steps(client, name)
    assert found == list(range(len(found)))
    assert len(found) >= 2
    memory = client.get_run(name).data.metrics["system/system_memory_usage_percentage"]
    assert 0 < memory <= 100


def test_a_machine_that_cannot_be_asked_is_said_once(
    run: tuple[MlflowClient, str, str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def none() -> None:
        raise RuntimeError("no /proc here")

    monkeypatch.setattr(psutil, "net_io_counters", none)
    _, uri, name = run
    SystemMetrics(uri, name).stop()
    (line,) = caplog.messages
    assert "no /proc here" in line
    assert "tracking.system_metrics=false" in line


def test_the_end_of_a_run_does_not_wait_for_a_store_that_is_gone(
    run: tuple[MlflowClient, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, uri, name = run
    released = threading.Event()
    monkeypatch.setattr(system_metrics, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(SystemMetricsMonitor, "start", lambda self: None)
    monkeypatch.setattr(SystemMetricsMonitor, "finish", lambda self: released.wait())
    metrics = SystemMetrics(uri, name)
    metrics.stop()  # returns, though nothing has released what it waits for
    released.set()
