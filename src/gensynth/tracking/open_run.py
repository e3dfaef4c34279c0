"""A run of an MLflow store that is being written: itself, and a nested run per network."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, final

from mlflow import MlflowClient
from mlflow.entities import Metric
from mlflow.exceptions import MlflowException

from gensynth.diary import AboutNote
from gensynth.journal import append_line, read_lines
from gensynth.run_files import MLFLOW_RUN
from gensynth.tracking.translation import batches, parameters, texts

PARENT = "mlflow.parentRunId"
KEY = "evaluation"
"""Tag of a nested run: the key of the evaluation that it holds."""

MOST = 50_000
"""Nested runs that MLflow returns at once; no synthesis has so many."""

NOTHING = AboutNote(data={}, quality="", score="", costs=[], units={}, choices={})
"""What is known before the run has said what it is about."""


@final
@dataclass(slots=True)
class OpenRun:
    """Writes to one run and its nested runs through a client.

    Args:
        client: of the store.
        experiment: id of the experiment.
        folder: the run's own.
        id: of the run.
        nested: evaluation key to the id of its nested run.
        done: keys of the evaluations whose nested runs are complete.
        about: what its notes are about.
    """

    client: MlflowClient
    experiment: str
    folder: Path
    id: str
    nested: dict[str, str]
    done: set[str]
    about: AboutNote = NOTHING

    @classmethod
    def create(
        cls,
        client: MlflowClient,
        experiment: str,
        folder: Path,
        name: str,
        config: Mapping[str, Any],
        tags: Mapping[str, str],
    ) -> Self:
        """Create a run with its configuration, and note its id in the folder.

        The job of a sweep has its folder in the sweep's, and its run below that of the sweep.
        """
        sweep = _noted(client, folder.parent)
        above = {} if sweep is None else {PARENT: sweep}
        created = client.create_run(experiment, tags={**tags, **above}, run_name=name)
        run = cls(client, experiment, folder, created.info.run_id, {}, set())
        append_line(folder / MLFLOW_RUN, run.id)  # other stores know it by other ids
        run.log(run.id, params=texts(config))
        client.log_text(run.id, json.dumps(config, indent=1), "config.json")
        return run

    @classmethod
    def reopen(cls, client: MlflowClient, experiment: str, folder: Path) -> Self | None:
        """Reopen the run that is noted in the folder; None when the store does not know it.

        Every store that the run was written to has its own id for it.
        """
        known = _noted(client, folder)
        if known is None:
            return None
        client.update_run(known, status="RUNNING")
        run = cls(client, experiment, folder, known, {}, set())
        run._find_nested()
        return run

    @property
    def page(self) -> str:
        """Address of the run in MLflow's pages, those about trained models."""
        return f"/experiments/{self.experiment}/runs/{self.id}?workflowType=machine_learning"

    def log(
        self,
        run: str,
        metrics: Sequence[Metric] = (),
        params: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Log to this run or a nested one, in as few batches as MLflow allows."""
        marks = list((tags or {}).items())
        for batch in batches(metrics, parameters(params or {}), marks):
            self.client.log_batch(run, *batch)

    def child(self, key: str, name: str, seconds: float) -> str:
        """Return the id of the nested run of an evaluation; creates it.

        Args:
            key: of the evaluation.
            name: of the nested run.
            seconds: how long the evaluation took; it ends about now.
        """
        if key not in self.nested:
            tags = {PARENT: self.id, KEY: key}
            began = int((time.time() - seconds) * 1000)
            created = self.client.create_run(self.experiment, began, tags, name)
            self.nested[key] = created.info.run_id
        return self.nested[key]

    def is_logged(self, metric: Metric) -> bool:
        """Tell whether the run's curve of a metric has a point at its step."""
        history = self.client.get_metric_history(self.id, metric.key)
        return any(point.step == metric.step for point in history)

    def _find_nested(self) -> None:
        query = f"tags.`{PARENT}` = '{self.id}'"
        for child in self.client.search_runs([self.experiment], query, max_results=MOST):
            key = child.data.tags.get(KEY, "")
            self.nested[key] = child.info.run_id
            if child.info.status != "RUNNING":
                self.done.add(key)


def _noted(client: MlflowClient, folder: Path) -> str | None:
    """Return the id that the store knows, of those that are noted in a folder."""
    for run in read_lines(folder / MLFLOW_RUN, str):
        try:
            client.get_run(run)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
        else:
            return run
    return None
