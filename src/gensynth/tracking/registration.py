"""Networks as MLflow's logged models and registered versions, through a client alone."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import LoggedModel, LoggedModelStatus
from mlflow.exceptions import MlflowException

from gensynth.network.saving import load
from gensynth.tracking.served import write_model
from gensynth.tracking.store import is_known
from gensynth.tracking.translation import batches, metrics


def log_model(
    client: MlflowClient, run: str, path: Path, figures: Mapping[str, float]
) -> LoggedModel:
    """Log a saved network as the model of a run; a run that has its model keeps it.

    Args:
        client: of the store.
        run: id of the run the network belongs to.
        path: its `.safetensors` file; the stem becomes the model's name.
        figures: what was measured of it.
    """
    experiment = client.get_run(run).info.experiment_id
    found = client.search_logged_models([experiment], f"source_run_id = '{run}'")
    for model in found:
        if model.status == LoggedModelStatus.READY:
            return model
    # A model that is not ready was left by an attempt that broke off.
    model = found[0] if found else client.create_logged_model(experiment, path.stem, run)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        write_model(folder, path, load(path).graph)
        client.log_model_artifacts(model.model_id, str(folder))
    for batch in batches(metrics(figures, model=model.model_id), [], []):
        client.log_batch(run, *batch)
    return client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)


def register(client: MlflowClient, name: str, model: LoggedModel, run: str) -> str:
    """Return the version of `name` that is the run's model; registers it as the next one if new.

    It is named by its location: by its id, MLflow would look for it in a global default store.
    """
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if not is_known(error):
            raise
    found = client.search_model_versions(f"name = '{name}' and run_id = '{run}'")
    if found:
        return str(found[0].version)
    location, key = model.artifact_location, model.model_id
    made = client.create_model_version(name, location, run_id=run, model_id=key)
    return str(made.version)
