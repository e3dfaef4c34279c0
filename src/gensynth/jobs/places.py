"""Where things are: configuration, data, what runs leave behind, and who shares the machine."""

import os
import secrets
from datetime import datetime
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode

import gensynth
from gensynth.errors import ConfigurationError

OUTPUTS = "GENSYNTH_OUTPUTS"
DATA = "GENSYNTH_DATA"


def conf() -> Path:
    """Return conf/: beside the package in an installed wheel, else at the repository's root."""
    package = Path(gensynth.__file__).resolve().parent
    packaged = package / "conf"
    return packaged if packaged.is_dir() else package.parents[1] / "conf"


def job_names() -> tuple[str, ...]:
    """Return the jobs: every primary configuration is one."""
    return tuple(sorted(path.stem for path in conf().glob("*.yaml")))


def outputs() -> Path:
    """Return the absolute folder of runs, MLflow store and caches."""
    return Path(os.environ.get(OUTPUTS) or "outputs").expanduser().absolute()


def runs() -> Path:
    """Return the absolute folder that holds one folder per run."""
    return outputs() / "runs"


def data() -> Path:
    """Return the absolute folder of data sets."""
    return Path(os.environ.get(DATA) or "data").expanduser().absolute()


def mlflow_uri() -> str:
    """Return MLFLOW_TRACKING_URI if it is set, else the SQLite store under `outputs()`."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{outputs() / 'mlflow.db'}"


def unique_name() -> str:
    """Return a run folder's name that sorts by time and that no two processes share."""
    return f"{datetime.now():%Y-%m-%d_%H-%M-%S}_{secrets.token_hex(3)}"


def launcher_jobs() -> int:
    """Return how many jobs of a sweep run at once on this machine; they share its cores."""
    if not HydraConfig.initialized() or HydraConfig.get().mode is not RunMode.MULTIRUN:
        return 1
    jobs = HydraConfig.get().launcher.get("n_jobs") or 1
    cores = os.cpu_count() or 1
    return max(1, jobs if jobs > 0 else cores + 1 + jobs)  # joblib: -1 is one per core


def fix(data_dir: str | None, *, create: bool) -> None:
    """Make both folders absolute in the environment, so that child processes agree on them.

    Args:
        data_dir: the command line's `data_dir=...`, which wins over the environment.
        create: make the folder of runs.

    Raises:
        ConfigurationError: the outputs folder cannot be created.
    """
    if data_dir is not None:
        os.environ[DATA] = data_dir
    os.environ[DATA] = str(data())
    os.environ[OUTPUTS] = str(outputs())
    if not create:
        return
    try:
        runs().mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"cannot create {runs()} ({error.strerror}): set {OUTPUTS} to a folder you may write to"
        ) from error
