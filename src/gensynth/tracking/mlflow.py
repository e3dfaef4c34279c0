"""MLflow: a run per synthesis, a nested run per network, reported networks as registered models."""

import json
import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, final

from gensynth.errors import ConfigurationError
from gensynth.graph.graph import Graph
from gensynth.records import Evaluation
from gensynth.tracking.open_run import OpenRun
from gensynth.tracking.outbox import Outbox
from gensynth.tracking.registration import log_model, register
from gensynth.tracking.store import SQLITE, open_store
from gensynth.tracking.tracker import Ending, Role, Tracker
from gensynth.tracking.translation import figures_of, metrics, run_name, tags_of

log = logging.getLogger(__name__)

STATUS: Mapping[Ending, str] = {"finished": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}


@final
class MlflowTracker(Tracker):
    """Notes a run in an MLflow store through its client; no global MLflow state is touched.

    When the store fails in the middle of a run, this is said once and the run goes on; what could
    not be written is tried again until the run ends. Nothing that a continued run reports again is
    written twice.

    Args:
        uri: tracking URI; a SQLite path should be absolute.
        artifacts: folder in which a new experiment of a SQLite store keeps its files.
        experiment: name of the experiment, one per task.
        register: name under which reported networks are registered; None registers none.
    """

    def __init__(self, *, uri: str, artifacts: str, experiment: str, register: str | None) -> None:
        self.uri = uri
        self.artifacts = Path(artifacts)
        self.experiment = experiment
        self.register = register
        self._run: OpenRun | None = None
        self._outbox = Outbox(uri)

    def start(
        self, folder: Path, name: str, config: Mapping[str, Any], tags: Mapping[str, str]
    ) -> None:
        """Create the run with its configuration, or reopen the one noted in the folder."""
        # The job of a sweep has a folder of its own in the sweep's.
        unique = "/".join(folder.parts[-2:]) if folder.name.isdigit() else folder.name
        places = {"folder": unique, "gensynth.folder": str(folder)}
        every = {**tags, **places, "mlflow.source.name": "gensynth"}
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

    def candidate(
        self,
        evaluation: Evaluation,
        role: Role,
        design: Mapping[str, Any],
        figures: Mapping[str, float],
    ) -> None:
        """Log a nested run: the design as parameters, measurements and figures as metrics."""
        every = metrics({**figures_of(evaluation), **figures})
        status = "FINISHED" if evaluation.status == "completed" else "FAILED"

        def note(run: OpenRun) -> None:
            if evaluation.key in run.done:
                return
            child = run.child(evaluation.key, run_name(evaluation, role))
            run.log(child, every, design, tags_of(evaluation, role))
            run.client.log_text(child, evaluation.to_json(), "evaluation.json")
            run.client.set_terminated(child, status)
            run.done.add(evaluation.key)

        self._put(note)

    def cycle(self, cycle: int, figures: Mapping[str, float], records: Mapping[str, Any]) -> None:
        """Log figures as curves over cycles and records as JSON files."""
        points = metrics(figures, step=cycle)
        files = {name: json.dumps(record, indent=1) for name, record in records.items()}

        def note(run: OpenRun) -> None:
            if any(run.is_logged(point) for point in points[:1]):
                return
            for name, text in files.items():
                run.client.log_text(run.id, text, f"cycles/{cycle:03d}/{name}.json")
            run.log(run.id, points)  # last: where the points are, the files are

        self._put(note)

    def network(self, evaluation: Evaluation, path: Path, graph: Graph, *, nominated: bool) -> None:
        """Log a model with its signature, register it, and call the nominated one `champion`."""

        def note(run: OpenRun) -> None:
            child = run.nested[evaluation.key]
            model = log_model(run.client, child, path, graph, figures_of(evaluation))
            if self.register is not None:
                version = register(run.client, self.register, model, child)
                if nominated:
                    run.client.set_registered_model_alias(self.register, "champion", version)

        self._put(note)

    def picture(self, evaluation: Evaluation, path: Path) -> None:
        """Log a file of the network's nested run, in its folder `pictures`."""

        def note(run: OpenRun) -> None:
            run.client.log_artifact(run.nested[evaluation.key], str(path), "pictures")

        self._put(note)

    def artifact(self, path: Path) -> None:
        """Log a file of the run."""
        self._put(lambda run: run.client.log_artifact(run.id, str(path)))

    def finish(self, ending: Ending, figures: Mapping[str, float]) -> None:
        """Log the final figures, close the run, and say how to look at it."""
        every = metrics(figures)

        def note(run: OpenRun) -> None:
            known = run.client.get_run(run.id).data.metrics
            run.log(run.id, [one for one in every if known.get(one.key) != one.value])
            run.client.set_terminated(run.id, STATUS[ending])

        self._put(note)
        self._run = None
        lost = self._outbox.close()
        if lost:
            kept = "all is in the run's folder"
            log.warning("tracking: %d notes could not be written to %s; %s", lost, self.uri, kept)
        if self.uri.startswith(SQLITE):
            command = f"{sys.executable} -m mlflow ui --backend-store-uri {self.uri}"
            log.info("to look at this run: %s", command)
        else:
            log.info("this run is at %s", self.uri)

    def _put(self, note: Callable[[OpenRun], None]) -> None:
        run = self._run
        if run is not None:
            self._outbox.put(lambda: note(run))
