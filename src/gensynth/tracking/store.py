"""Opening an MLflow store safely, also when many processes open a new one at the same moment."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

SQLITE = "sqlite:///"
PATIENCE_SECONDS = 600.0
"""How long a process waits while another creates the store (seconds on a busy machine)."""


def open_store(uri: str, experiment: str, artifacts: Path) -> tuple[MlflowClient, str]:
    """Open a store and return its client and the experiment's id; creates what is missing.

    A SQLite file that two processes create at once is left unusable, so that opening one is done
    under a file lock beside it.

    Args:
        uri: an MLflow tracking URI; SQLite paths should be absolute.
        experiment: name of the experiment.
        artifacts: where a new experiment in a SQLite store keeps its files.

    Raises:
        MlflowException: the store cannot be opened.
    """
    # A server's client prints two lines for every nested run that ends.
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    for chatty in ["alembic", "mlflow.store"]:
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # Each error is raised too, and told in one line; MLflow prints its traceback at every attempt.
    logging.getLogger("mlflow.store.db").setLevel(logging.CRITICAL)
    with alone(uri):
        client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        location = (artifacts / experiment).absolute().as_uri() if is_file(uri) else None
        return client, _experiment(client, experiment, location)


def is_file(uri: str) -> bool:
    """Tell whether a store is a file of this machine."""
    return uri.startswith(SQLITE)


@contextmanager
def alone(uri: str) -> Iterator[None]:
    """Keep other processes from what must not happen twice at once, where the store is a file.

    Where it is a server, the later of two that are written at once stands.
    """
    if not is_file(uri):
        yield
        return
    database = Path(uri.removeprefix(SQLITE))
    database.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{database}.lock", timeout=PATIENCE_SECONDS):
        yield


def is_known(error: MlflowException) -> bool:
    """Tell whether creating something failed because somebody else just created it."""
    return "RESOURCE_ALREADY_EXISTS" in error.error_code


def _experiment(client: MlflowClient, name: str, location: str | None) -> str:
    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return str(client.create_experiment(name, artifact_location=location))
        except MlflowException as error:
            found = client.get_experiment_by_name(name) if is_known(error) else None
            if found is None:
                raise
    if found.lifecycle_stage == "deleted":
        client.restore_experiment(found.experiment_id)
    return str(found.experiment_id)
