"""MLflow: a run per synthesis, a nested run per network, reported networks as registered models."""

import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

from mlflow.utils.mlflow_tags import MLFLOW_SOURCE_NAME, MLFLOW_SOURCE_TYPE

from gensynth.diary import Note
from gensynth.errors import ConfigurationError
from gensynth.tracking.open_run import OpenRun
from gensynth.tracking.outbox import Outbox
from gensynth.tracking.store import is_file, open_store
from gensynth.tracking.system_metrics import SystemMetrics
from gensynth.tracking.tracker import Tracker
from gensynth.tracking.translation import marks
from gensynth.tracking.writing import write

log = logging.getLogger(__name__)


@final
class MlflowTracker(Tracker):
    """Notes a run in an MLflow store through its client; no global MLflow state is touched.

    When the store fails in the middle of a run, this is said once and the run goes on; what could
    not be written is tried again until the run ends, and the job `sync` can write it later. Nothing
    that a continued run reports again is written twice.

    Args:
        uri: tracking URI; a SQLite path should be absolute.
        artifacts: folder in which a new experiment of a SQLite store keeps its files.
        experiment: name of the experiment, one per task.
        register: what the names begin with under which networks are registered that meet the
            requirements, one name per data set; None registers none.
        system_metrics: whether curves of what the machine does lie beside the run's.
    """

    def __init__(
        self,
        *,
        uri: str,
        artifacts: str,
        experiment: str,
        register: str | None,
        system_metrics: bool,
    ) -> None:
        self.uri = uri
        self.artifacts = Path(artifacts)
        self.experiment = experiment
        self.register = register
        self.system_metrics = system_metrics
        self._run: OpenRun | None = None
        self._system: SystemMetrics | None = None
        self._outbox = Outbox(uri)

    def start(
        self, folder: Path, name: str, config: Mapping[str, Any], tags: Mapping[str, str]
    ) -> None:
        """Create the run with its configuration, or reopen the one noted in the folder."""
        # The job of a sweep has a folder of its own in the sweep's.
        unique = "/".join(folder.parts[-2:]) if folder.name.isdigit() else folder.name
        places = {"folder": unique, "gensynth.folder": str(folder)}
        source = {MLFLOW_SOURCE_NAME: "gensynth", MLFLOW_SOURCE_TYPE: "LOCAL"}
        every = {**marks(tags), **places, **source}
        try:
            client, experiment = open_store(self.uri, self.experiment, self.artifacts)
            self._run = OpenRun.reopen(client, experiment, folder) or OpenRun.create(
                client, experiment, folder, name, config, every
            )
        except Exception as error:
            cause = " ".join(str(error).split())
            raise ConfigurationError(
                f"the MLflow store {self.uri} cannot be opened ({cause}):"
                " mend it, set MLFLOW_TRACKING_URI, or run with tracking=none"
            ) from error
        if self.system_metrics:
            self._system = SystemMetrics(self.uri, self._run.id)

    def note(self, note: Note) -> None:
        """Write the note, or keep it until the store takes it."""
        run = self._run
        if run is not None:
            self._outbox.put(lambda: write(note, run, self.register))

    def close(self) -> int:
        """Write what was kept, say how to look at the run, and what is missing there."""
        if self._system is not None:
            self._system.stop()
        run, self._run = self._run, None
        lost = self._outbox.close()
        if lost and run is not None:
            again = f"`gensynth sync run={run.folder}` writes them when it is back"
            log.warning("tracking: %d notes could not be written to %s; %s", lost, self.uri, again)
        if is_file(self.uri):
            command = f"{sys.executable} -m gensynth ui uri={self.uri}"
            log.info("to look at this run: %s", command)
        elif run is not None and self.uri.startswith("http"):
            log.info("this run is at %s/#%s", self.uri.rstrip("/"), run.page)
        else:
            log.info("this run is at %s", self.uri)
        return lost
