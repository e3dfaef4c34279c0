"""Errors as one line a person can act on: the project's own, Hydra's and OmegaConf's."""

import difflib
import re
from collections.abc import Collection, Iterator, Sequence
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


def own_error(error: BaseException, job: str, words: Sequence[str] = ()) -> GensynthError:
    """Return the error as one of gensynth's.

    Args:
        error: one of `EXPECTED`.
        job: the primary configuration it happened in, to look for similar keys.
        words: of the command line; the options that they choose decide which keys there are.
    """
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, GensynthError):
        cause = cause.__cause__ or cause.__context__
    if cause is None:
        cause = ConfigurationError(_told(error, job, words))
        cause.__cause__ = error
    return cause


@contextmanager
def owned(job: str, words: Sequence[str] = ()) -> Iterator[None]:
    """Let nothing out of the block that a user can cause and that is no error of gensynth's.

    Args:
        job: see `own_error`.
        words: likewise.

    Raises:
        GensynthError: what a user can cause.
    """
    try:
        yield
    except GensynthError:
        raise
    except EXPECTED as error:
        own = own_error(error, job, words)
        raise own from own.__cause__


def one_line(error: GensynthError) -> str:
    """Return the error's message as one line."""
    return _joined(str(error))


def _told(error: BaseException, job: str, words: Sequence[str]) -> str:
    text = str(error)
    if match := NO_OPTION.search(text):
        return _no_option(match["group"], match["option"], text)
    if match := NO_KEY.search(text):
        others = [word for word in words if word.partition("=")[0] != match["key"]]
        return _no_key(match["key"], job, _keys(job, others))
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


def _no_key(key: str, job: str, keys: Collection[str]) -> str:
    same_leaf = sorted(known for known in keys if _leaf(known) == _leaf(key))
    if key in keys:  # a group, then, and not one that the configuration chooses from itself
        place = next((known for known in same_leaf if known != key), "<where>")
        return f"{job}: {key} is chosen as a part of something else: {key}@{place}=..."
    parent, wrong, rest = _parted(key, keys)
    siblings = sorted(k for k in keys if k.rpartition(".")[0] == parent and _leaf(k)[0] != "_")
    close = difflib.get_close_matches(wrong, [_leaf(known) for known in siblings], n=1)
    meant = [_longest(_joint(parent, close[0], rest), keys)] if close else same_leaf[:2]
    hint = f"did you mean {' or '.join(meant)}? " if meant else ""
    there = f"{parent} has {', '.join(map(_leaf, siblings))}" if parent and siblings else ""
    return f"{job} has no setting {key!r}: {hint}{there or f'`gensynth {job} --help` lists them'}"


def _parted(key: str, keys: Collection[str]) -> tuple[str, str, str]:
    """Part a key that there is not into what there is, the first wrong part, and what follows."""
    parent = _longest(key.rpartition(".")[0], keys)
    wrong, _, rest = key[len(parent) :].lstrip(".").partition(".")
    return parent, wrong, rest


def _longest(key: str, keys: Collection[str]) -> str:
    """Return the longest beginning of a key, by its parts, that there is."""
    while key and key not in keys:
        key = key.rpartition(".")[0]
    return key


def _joint(*parts: str) -> str:
    return ".".join(part for part in parts if part)


def _leaf(key: str) -> str:
    return key.rpartition(".")[2]


def _keys(job: str, words: Sequence[str]) -> set[str]:
    """Return every key of the job's configuration with the options that words choose, and groups.

    None when even that configuration does not compose.
    """
    try:
        with initialize_config_dir(str(places.conf()), **VERSION):
            groups = GlobalHydra.instance().config_loader().list_groups("")
            config = compose(job, [word for word in words if word.partition("=")[0] in groups])
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
