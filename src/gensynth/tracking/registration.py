"""Networks as MLflow's logged models and registered versions, through a client alone."""

import tempfile
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import LoggedModel
from mlflow.exceptions import MlflowException

from gensynth.graph.graph import Graph
from gensynth.tracking.served import write_model
from gensynth.tracking.store import is_known


def log_model(
    client: MlflowClient, experiment: str, run: str, path: Path, graph: Graph
) -> LoggedModel:
    """Log a saved network as a model of a run.

    Args:
        client: of the store.
        experiment: id of the experiment.
        run: id of the run the network belongs to.
        path: its `.safetensors` file; the stem becomes the model's name.
        graph: its graph, for the signature.
    """
    model = client.create_logged_model(experiment, name=path.stem, source_run_id=run)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        write_model(folder, path, graph)
        client.log_model_artifacts(model.model_id, str(folder))
    return client.finalize_logged_model(model.model_id, "READY")


def register(client: MlflowClient, name: str, model: LoggedModel, run: str) -> str:
    """Register a logged model as the next version of `name` and return the version.

    It is named by its location: by its id, MLflow would look for it in a global default store.
    """
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if not is_known(error):
            raise
    location, key = model.artifact_location, model.model_id
    made = client.create_model_version(name, location, run_id=run, model_id=key)
    return str(made.version)
