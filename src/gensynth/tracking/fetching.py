"""Files of a run that an MLflow store holds, brought here."""

from collections.abc import Sequence
from pathlib import Path

from mlflow import MlflowClient

from gensynth.errors import ConfigurationError
from gensynth.tracking.store import SQLITE, alone, is_file


def fetch(
    uri: str, run: str, names: Sequence[str], folder: Path, *, others: Sequence[str] = ()
) -> None:
    """Download files of a run into a folder.

    Args:
        uri: tracking URI of the store.
        run: its MLflow id.
        names: of its artifacts.
        folder: where they are put, under their names.
        others: artifacts that come too where the run has them.

    Raises:
        ConfigurationError: the store cannot be reached, does not know the run, or does not hold a
            file of it.
    """
    if is_file(uri) and not Path(uri.removeprefix(SQLITE)).is_file():
        raise ConfigurationError(f"there is no MLflow store {uri}")  # asking would make one
    try:
        with alone(uri):
            client = MlflowClient(tracking_uri=uri, registry_uri=uri)
            held = {one.path for one in client.list_artifacts(run)}
    except Exception as error:
        cause = " ".join(str(error).split())
        raise ConfigurationError(f"the MLflow store {uri} has no run {run} ({cause})") from error
    missing = [name for name in names if name not in held]
    if missing:
        raise ConfigurationError(f"run {run} in {uri} holds no {' and no '.join(missing)}")
    folder.mkdir(parents=True, exist_ok=True)
    for name in [*names, *held.intersection(others)]:
        try:
            client.download_artifacts(run, name, str(folder))
        except Exception as error:
            cause = " ".join(str(error).split())
            raise ConfigurationError(f"{name} of run {run} is lost in {uri} ({cause})") from error
