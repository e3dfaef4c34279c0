"""The job `ui`: MLflow's pages on the store that runs are tracked in."""

import logging
import os
import socket
import sys
from pathlib import Path

from omegaconf import DictConfig

from gensynth.errors import ConfigurationError
from gensynth.jobs.runs import discard

log = logging.getLogger(__name__)

REMOTE = ("http", "https", "databricks")
FILE = "sqlite:///"


def run(cfg: DictConfig, folder: Path) -> float:
    """Become `mlflow ui`; of a store that a server holds already, say where it is to be seen.

    Returns 0 for the latter. A look at the store leaves nothing behind.

    Raises:
        ConfigurationError: there is no store yet, or the port is taken.
    """
    uri = str(cfg.uri)
    scheme = uri.partition(":")[0]
    if scheme in REMOTE:
        there = "in Databricks" if scheme == "databricks" else f"at {uri}"
        log.info("the store is on a server already: look %s", there)
        discard(folder)
    else:
        _check_file(uri)
        _check_free(cfg.host, cfg.port)
        log.info("http://%s:%d shows %s", cfg.host, cfg.port, uri)
        sys.stdout.flush()
        discard(folder)
        place = ["--host", str(cfg.host), "--port", str(cfg.port)]
        words = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", uri, *place]
        os.execv(words[0], words)  # noqa: S606 - no shell
    return 0.0


def _check_file(uri: str) -> None:
    if uri.startswith(FILE) and not Path(uri.removeprefix(FILE)).is_file():
        raise ConfigurationError(
            f"uri={uri}: there is no such file yet; the first run with tracking=mlflow makes it,"
            " and MLFLOW_TRACKING_URI or GENSYNTH_OUTPUTS say where"
        )


def _check_free(host: str, port: int) -> None:
    if not 0 < port < 65_536:
        raise ConfigurationError(f"port={port} must be from 1 to 65535")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigurationError(
                f"host={host} port={port}: nobody can be served there ({error.strerror}); choose"
                f" another, such as port={port + 1}"
            ) from error
