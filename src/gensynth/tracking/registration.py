"""Networks as MLflow's logged models and registered versions, through a client alone."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import LoggedModel, LoggedModelStatus
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_MODEL_VERSIONS

from gensynth.diary import AboutNote
from gensynth.records import Evaluation
from gensynth.tracking.data_set import data_set
from gensynth.tracking.served import write_model
from gensynth.tracking.store import alone, is_known
from gensynth.tracking.translation import batches, figures_of, metrics, named

ONE_WORD = {"net_score": "netscore"}
"""Names that are one word wherever they are not names of figures."""


def log_model(
    client: MlflowClient,
    run: str,
    evaluation: Evaluation,
    path: Path,
    about: AboutNote,
    *,
    traced: bool,
) -> LoggedModel:
    """Log a saved network as the model of a run; a run that has its model keeps it.

    Args:
        client: of the store.
        run: id of the run the network belongs to.
        evaluation: what was measured of it.
        path: its `.safetensors` file.
        about: what its figures and its images are.
        traced: also in the form that `mlflow.pytorch` loads; that takes up to seconds.
    """
    source = client.get_run(run)
    experiment = source.info.experiment_id
    found = client.search_logged_models([experiment], f"source_run_id = '{run}'")
    for model in found:
        if model.status == LoggedModelStatus.READY:
            return model
    # A model that is not ready was left by an attempt that broke off.
    name, design = evaluation.candidate.name, dict(source.data.params)
    model = found[0] if found else client.create_logged_model(experiment, name, run, None, design)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        write_model(folder, path, model.model_id, about.data, traced=traced)
        client.log_model_artifacts(model.model_id, str(folder))
    figures = metrics(
        figures_of(evaluation), about.units, model=model.model_id, data=data_set(about.data)
    )
    for batch in batches(figures, [], []):
        client.log_batch(run, *batch)
    return client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)


def register(
    client: MlflowClient,
    name: str,
    model: LoggedModel,
    about: AboutNote,
    figures: Mapping[str, float],
) -> str:
    """Return the version of `name` that is the model; registers it as the next one if new.

    `best-<score>` and `best-<quality>` then name the best versions there are, of whatever run.

    Args:
        client: of the store.
        name: in the registry.
        model: of a network that meets its requirements.
        about: names of its score, its quality and its costs.
        figures: what was measured of it; its version has them as tags.
    """
    kept = (about.score, about.quality, *about.costs)
    tags = {named(one, about.units): _text(figures[one]) for one in kept if one in figures}
    with alone(client.tracking_uri):
        try:
            client.create_registered_model(name)
        except MlflowException as error:
            if not is_known(error):
                raise
        version = _version(client, name, model, tags)
        link = json.dumps([{"name": name, "version": version}])  # its page leads to its version
        client.set_logged_model_tags(model.model_id, {MLFLOW_MODEL_VERSIONS: link})
        for title in titles_won(client, name, about, figures):
            client.set_registered_model_alias(name, title, version)
    return version


def titles_won(
    client: MlflowClient, name: str, about: AboutNote, figures: Mapping[str, float]
) -> list[str]:
    """Return the aliases whose holders have less of their figure than a network; or none has it.

    Whoever does not win now does not win later: titles pass on to the better only.
    """
    won = []
    for figure in dict.fromkeys((about.score, about.quality)):
        held = _held(client, name, alias(figure), named(figure, about.units))
        if held is None or figures[figure] > held:
            won.append(alias(figure))
    return won


def alias(figure: str) -> str:
    """Return what the version with most of a figure is called.

    >>> alias("net_score"), alias("mean_iou")
    ('best-netscore', 'best-mean-iou')
    """
    return f"best-{ONE_WORD.get(figure, figure).replace('_', '-')}"


def _version(client: MlflowClient, name: str, model: LoggedModel, tags: Mapping[str, str]) -> str:
    run = model.source_run_id
    found = client.search_model_versions(f"name = '{name}' and run_id = '{run}'")
    if found:
        return str(found[0].version)
    # Named by its id, MLflow would look for it in a global default store.
    made = client.create_model_version(
        name, model.artifact_location, run, dict(tags), model_id=model.model_id
    )
    return str(made.version)


def _held(client: MlflowClient, name: str, title: str, figure: str) -> float | None:
    """Return the figure of the version with a title; None: there is no such version."""
    known = client.search_registered_models(f"name = '{name}'")
    holder = known[0].aliases.get(title) if known else None
    if holder is None:
        return None
    text = client.get_model_version(name, str(holder)).tags.get(figure)
    return None if text is None else float(text)


def _text(figure: float) -> str:
    """Return a figure that `float` reads back as it was, counts without a point."""
    return str(int(figure)) if float(figure).is_integer() else repr(float(figure))
