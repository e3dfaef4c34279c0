"""Who started a run, and from which revision of their work, in the tags that MLflow shows."""

import getpass
import logging
from pathlib import Path

from mlflow.utils.git_utils import get_git_branch, get_git_commit, get_git_repo_url
from mlflow.utils.mlflow_tags import (
    MLFLOW_GIT_BRANCH,
    MLFLOW_GIT_COMMIT,
    MLFLOW_GIT_REPO_URL,
    MLFLOW_SOURCE_NAME,
    MLFLOW_SOURCE_TYPE,
    MLFLOW_USER,
)

PROGRAM = "gensynth"


def origin(work: Path) -> dict[str, str]:
    """Return the tags.

    Args:
        work: where the user works; outside a git repository, or in a part of one that git ignores,
            there is no revision.
    """
    # Where git is missing, MLflow would say so three times.
    logging.getLogger("mlflow.utils.git_utils").setLevel(logging.ERROR)
    here = str(work)
    found = {
        MLFLOW_SOURCE_NAME: PROGRAM,
        MLFLOW_SOURCE_TYPE: "LOCAL",
        MLFLOW_USER: _user(),
        MLFLOW_GIT_COMMIT: get_git_commit(here),
        MLFLOW_GIT_BRANCH: get_git_branch(here),
        MLFLOW_GIT_REPO_URL: get_git_repo_url(here),
    }
    if found[MLFLOW_GIT_COMMIT] is None:
        found |= {MLFLOW_GIT_BRANCH: None, MLFLOW_GIT_REPO_URL: None}
    return {name: str(value) for name, value in found.items() if value}


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a container may run as nobody in particular
        return None
