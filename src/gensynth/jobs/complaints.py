"""Errors as one line a person can act on: the project's own, Hydra's and OmegaConf's."""

import difflib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException, OverrideParseException
from omegaconf import OmegaConf
from omegaconf.errors import GrammarParseError, OmegaConfBaseException
from yaml import YAMLError

from gensynth.errors import ConfigurationError, GensynthError
from gensynth.jobs import places
from gensynth.jobs.compatibility import VERSION

EXPECTED = (GensynthError, HydraException, OmegaConfBaseException, YAMLError)
"""What a user can cause; anything else is a bug and keeps its traceback."""

NO_KEY = re.compile(r"Could not (?:override|delete from config\.?|append.*?) ?'(?P<key>[^']+)'")
NO_OPTION = re.compile(r"Could not find '(?P<group>.+)/(?P<option>[^/']+)'")
AVAILABLE = re.compile(r"Available options in '[^']+':\n(?P<options>(?:\t.+\n?)+)")


def own_error(error: BaseException, job: str) -> GensynthError:
    """Return the error as one of gensynth's.

    Args:
        error: one of `EXPECTED`.
        job: the primary configuration it happened in, to look for similar keys.
    """
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, GensynthError):
        cause = cause.__cause__ or cause.__context__
    if cause is None:
        cause = ConfigurationError(_told(error, job))
        cause.__cause__ = error
    return cause


@contextmanager
def owned(job: str) -> Iterator[None]:
    """Let nothing out of the block that a user can cause and that is no error of gensynth's.

    Raises:
        GensynthError: what a user can cause.
    """
    try:
        yield
    except GensynthError:
        raise
    except EXPECTED as error:
        own = own_error(error, job)
        raise own from own.__cause__


def one_line(error: GensynthError) -> str:
    """Return the error's message as one line."""
    return _joined(str(error))


def _told(error: BaseException, job: str) -> str:
    text = str(error)
    if match := NO_OPTION.search(text):
        return _no_option(match["group"], match["option"], text)
    if match := NO_KEY.search(text):
        return _no_key(match["key"], job)
    if isinstance(error, OverrideParseException):
        return _joined(f"{error.override} cannot be read: {text.splitlines()[0]}")
    if error.__cause__ is not None and not isinstance(error, GrammarParseError):
        text = f"{text}: {error.__cause__}"
    return _joined(text)


def _no_option(group: str, option: str, text: str) -> str:
    listed = AVAILABLE.search(text)
    options = listed["options"].split() if listed else []
    close = difflib.get_close_matches(option, options, n=1)
    hint = f"did you mean {group}={close[0]}? " if close else ""
    return f"{group}={option}: no such option; {hint}there are {', '.join(options) or 'none'}"


def _no_key(key: str, job: str) -> str:
    keys = sorted(_keys(job))
    leaves = {known: known.rpartition(".")[2] for known in keys}
    same_leaf = [known for known, leaf in leaves.items() if leaf == key.rpartition(".")[2]]
    if key in keys:  # a group, then, and not one that the configuration chooses from itself
        place = next((known for known in same_leaf if known != key), "<where>")
        return f"{job}: {key} is chosen as a part of something else: {key}@{place}=..."
    close = difflib.get_close_matches(key, keys, n=1, cutoff=0.7) or same_leaf[:2]
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    return f"{job} has no setting {key!r}: {hint}`gensynth {job} --help` lists them"


def _keys(job: str) -> set[str]:
    """Return every key of the job's default configuration, and every group that has options.

    None when even that configuration does not compose.
    """
    try:
        with initialize_config_dir(str(places.conf()), **VERSION):
            config = compose(job)
            groups = GlobalHydra.instance().config_loader().list_groups("")
    except (HydraException, OmegaConfBaseException):
        return set()
    return {*_walk(OmegaConf.to_container(config, resolve=False)), *groups}


def _walk(node: Any, prefix: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            path = f"{prefix}{key!s}"
            yield path
            yield from _walk(value, f"{path}.")


def _joined(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "; ".join(line for line in lines if line)
