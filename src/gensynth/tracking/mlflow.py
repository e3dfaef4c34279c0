"""MLflow: a run per synthesis, a nested run per network, reported networks as registered models."""

import json
import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from gensynth.errors import ConfigurationError
from gensynth.graph.graph import Graph
from gensynth.records import Evaluation
from gensynth.tracking.registration import log_model, register
from gensynth.tracking.store import SQLITE, open_store
from gensynth.tracking.tracker import Ending, Tracker
from gensynth.tracking.translation import (
    batches,
    figures_of,
    metrics,
    parameters,
    run_name,
    texts,
)

log = logging.getLogger(__name__)

NOTE = "mlflow_run_id"
"""File in a run's folder that holds its MLflow id."""

PARENT = "mlflow.parentRunId"
STATUS: Mapping[Ending, str] = {"finished": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}
PATIENCE = 3
"""Failures in a row after which a store is not tried again."""


@final
@dataclass(frozen=True, slots=True)
class _Open:
    """The run that is being noted."""

    client: MlflowClient
    experiment: str
    run: str
    nested: dict[str, str]


@final
class MlflowTracker(Tracker):
    """Notes a run in an MLflow store through its client; no global MLflow state is touched.

    When the store fails in the middle of a run, this is said once and the run goes on; after
    several failures in a row the store is left alone.

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
        self._open: _Open | None = None
        self._failures = 0

    def start(self, folder: Path, config: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        """Create the run with its configuration, or reopen the one noted in the folder."""
        try:
            self._open = self._started(folder, config, tags)
        except Exception as error:
            cause = " ".join(str(error).split())
            raise ConfigurationError(
                f"the MLflow store {self.uri} cannot be opened ({cause}):"
                " mend it, set MLFLOW_TRACKING_URI, or run with tracking=none"
            ) from error

    def candidate(
        self, evaluation: Evaluation, design: Mapping[str, Any], figures: Mapping[str, float]
    ) -> None:
        """Log a nested run: the design as parameters, measurements and figures as metrics."""

        def note(run: _Open) -> None:
            child = _nested(run, run_name(evaluation))
            figures_all = {**figures_of(evaluation), **figures}
            _log(run.client, child, figures_all, params=design, tags=_tags(evaluation))
            run.client.log_text(child, evaluation.to_json(), "evaluation.json")
            completed = evaluation.status == "completed"
            run.client.set_terminated(child, "FINISHED" if completed else "FAILED")

        self._attempt(note)

    def cycle(self, cycle: int, figures: Mapping[str, float], records: Mapping[str, Any]) -> None:
        """Log figures as curves over cycles and records as JSON files."""

        def note(run: _Open) -> None:
            _log(run.client, run.run, figures, step=cycle)
            for name, record in records.items():
                text = json.dumps(record, indent=1)
                run.client.log_text(run.run, text, f"cycles/{cycle:03d}/{name}.json")

        self._attempt(note)

    def network(self, evaluation: Evaluation, path: Path, graph: Graph, *, nominated: bool) -> None:
        """Log a model with its signature, register it, and call the nominated one `champion`."""

        def note(run: _Open) -> None:
            child = _nested(run, run_name(evaluation))
            model = log_model(run.client, run.experiment, child, path, graph)
            _log(run.client, child, figures_of(evaluation), model=model.model_id)
            if self.register is not None:
                version = register(run.client, self.register, model, child)
                if nominated:
                    run.client.set_registered_model_alias(self.register, "champion", version)

        self._attempt(note)

    def artifact(self, path: Path) -> None:
        """Log a file of the run."""
        self._attempt(lambda run: run.client.log_artifact(run.run, str(path)))

    def finish(self, ending: Ending, figures: Mapping[str, float]) -> None:
        """Log the final figures, close the run, and say how to look at it."""

        def note(run: _Open) -> None:
            _log(run.client, run.run, figures)
            run.client.set_terminated(run.run, STATUS[ending])

        self._attempt(note)
        self._open = None
        if self.uri.startswith(SQLITE):
            command = f"{sys.executable} -m mlflow ui --backend-store-uri {self.uri}"
            log.info("to look at this run: %s", command)
        else:
            log.info("this run is at %s", self.uri)

    def _started(self, folder: Path, config: Mapping[str, Any], tags: Mapping[str, str]) -> _Open:
        client, experiment = open_store(self.uri, self.experiment, self.artifacts)
        remembered = folder / NOTE
        known = remembered.read_text(encoding="utf-8").strip() if remembered.is_file() else ""
        if known and _reopened(client, known):
            return _Open(client, experiment, known, _children(client, experiment, known))
        every = {**tags, "gensynth.folder": str(folder), "mlflow.source.name": "gensynth"}
        name = "/".join(folder.parts[-2:]) if folder.name.isdigit() else folder.name
        run = client.create_run(experiment, tags=every, run_name=name).info.run_id
        remembered.write_text(f"{run}\n", encoding="utf-8")
        _log(client, run, {}, params=texts(config))
        client.log_text(run, json.dumps(config, indent=1), "config.json")
        return _Open(client, experiment, run, {})

    def _attempt(self, note: Callable[[_Open], None]) -> None:
        if self._open is None or self._failures >= PATIENCE:
            return
        try:
            note(self._open)
        except Exception as error:
            if self._failures == 0:
                cause = " ".join(f"{type(error).__name__}: {error}".split())
                log.warning("tracking: %s failed (%s); the run goes on", self.uri, cause)
            self._failures += 1
            if self._failures == PATIENCE:
                log.warning("tracking: %s is not tried again in this run", self.uri)
        else:
            self._failures = 0


def _reopened(client: MlflowClient, run: str) -> bool:
    try:
        client.update_run(run, status="RUNNING")
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return False  # another store, or a new one: the run is noted there from the start
    return True


def _children(client: MlflowClient, experiment: str, run: str) -> dict[str, str]:
    found: dict[str, str] = {}
    token: str | None = None
    query = f"tags.`{PARENT}` = '{run}'"
    while True:
        page = client.search_runs([experiment], query, page_token=token)
        found |= {child.info.run_name: child.info.run_id for child in page}
        token = page.token
        if not token:
            return found


def _nested(run: _Open, name: str) -> str:
    if name not in run.nested:
        created = run.client.create_run(run.experiment, tags={PARENT: run.run}, run_name=name)
        run.nested[name] = created.info.run_id
    return run.nested[name]


def _log(
    client: MlflowClient,
    run: str,
    figures: Mapping[str, float],
    *,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    step: int = 0,
    model: str | None = None,
) -> None:
    every = (
        metrics(figures, step=step, model=model),
        parameters(params or {}),
        list((tags or {}).items()),
    )
    for batch in batches(*every):
        client.log_batch(run, *batch)


def _tags(evaluation: Evaluation) -> dict[str, str]:
    candidate = evaluation.candidate
    return {
        "status": evaluation.status,
        "cause": evaluation.cause,
        "fidelity": evaluation.fidelity,
        "split": evaluation.split,
        "cycle": str(candidate.cycle),
        "seed": str(candidate.seed),
        "graph": candidate.digest,
    }
