"""What a run asks of the machine, in MLflow's own system metrics."""

import logging
import threading
from typing import Any, final

from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 5.0
"""How long the end of a run waits for the last figures; a store that is gone answers late."""


@final
class SystemMetrics:
    """Logs processor, memory, disk, network, and GPUs where `nvidia-ml-py` is installed.

    It samples in a thread of its own, as often as MLflow does (every 10 seconds;
    `MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL` changes that). Whatever fails there ends it, and
    nothing else.

    Args:
        uri: of the store.
        run: id of the run; one that is continued goes on where its curves end.
    """

    def __init__(self, uri: str, run: str) -> None:
        # The outbox tells of a store that fails; MLflow would tell of every start and end as well.
        logging.getLogger("mlflow.system_metrics").setLevel(logging.CRITICAL)
        self._monitor: Any = None  # MLflow's, which has no types
        try:
            made: Any = SystemMetricsMonitor
            self._monitor = made(run, resume_logging=True, tracking_uri=uri)
            self._monitor.start()
        except Exception as error:
            log.warning("no system metrics (%s): tracking.system_metrics=false is silent", error)

    def stop(self) -> None:
        """Stop sampling, and wait a while until the last figures are written."""
        if self._monitor is not None:
            ending = threading.Thread(target=self._monitor.finish, daemon=True)
            ending.start()
            ending.join(PATIENCE_SECONDS)
