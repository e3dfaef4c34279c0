"""Who started a run, and from which revision of their work."""

import getpass
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit


def origin(work: Path) -> dict[str, str]:
    """Return `user`, `git_commit`, `git_branch` and `git_repository`, as far as there are any.

    Args:
        work: where the user works; outside a git repository, or in a folder that git ignores,
            there is no revision.
    """
    commit = _git(work, "rev-parse", "HEAD") if _git(work, "check-ignore", ".") is None else None
    found = {"user": _user(), "git_commit": commit}
    if commit is not None:
        found["git_branch"] = _git(work, "symbolic-ref", "--short", "HEAD")
        found["git_repository"] = without_credentials(
            _git(work, "config", "--get", "remote.origin.url") or ""
        )
    return {name: text for name, text in found.items() if text}


def without_credentials(url: str) -> str:
    """Return a URL without the name and password that may stand in it.

    >>> without_credentials("https://me:secret@example.org/a.git")
    'https://example.org/a.git'
    >>> without_credentials("git@example.org:a.git")
    'git@example.org:a.git'
    """
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _git(work: Path, *words: str) -> str | None:
    """Return what git says; None where it says no, or is not installed."""
    program = shutil.which("git")
    if program is None:
        return None
    done = subprocess.run(  # noqa: S603 - words of ours
        [program, *words], cwd=work, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else None


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a container may run as nobody in particular
        return None
