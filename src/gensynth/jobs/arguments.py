"""What stands before and around Hydra's overrides: the job word, `resume=`, `data_dir=`."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from hydra.core.override_parser.types import Quote, QuotedString

from gensynth.errors import ConfigurationError

DEFAULT_JOB = "synthesize"
SWEEP_FLAGS = frozenset({"-m", "--multirun"})
QUERY_FLAGS = frozenset(
    {"-h", "--help", "--hydra-help", "--version", "-c", "--cfg", "-i", "--info"}
)

CONFIG_DIR = "--config-dir"
VALUE_FLAGS = frozenset(
    {CONFIG_DIR, "-cd", "--config-path", "-cp", "--config-name", "-cn", "--package", "-p"}
).union(["--cfg", "-c"])
PERHAPS_VALUE_FLAGS = frozenset({"-i", "--info"})


@final
@dataclass(frozen=True, slots=True)
class Arguments:
    """A command line, parted.

    Args:
        job: the primary configuration to use.
        hydra: what Hydra gets to see; `-m` first: between overrides it would end them.
        resume: the run to continue, or None.
        data_dir: the last `data_dir=...` among the overrides, or None.
        folder: the last `hydra.run.dir=...`, or None.
    """

    job: str
    hydra: tuple[str, ...]
    resume: str | None
    data_dir: str | None
    folder: str | None

    @property
    def sweeps(self) -> bool:
        """Whether this is a multirun."""
        return bool(SWEEP_FLAGS.intersection(self.hydra))

    @property
    def only_asks(self) -> bool:
        """Whether nothing will run: help, or a look at the configuration."""
        return any(text.partition("=")[0] in QUERY_FLAGS for text in self.hydra)


def parse(argv: Sequence[str], jobs: Sequence[str]) -> Arguments:
    """Part a command line (without the program's name).

    Raises:
        ConfigurationError: the first word is no job, or a sweep is to be resumed.
    """
    job, rest = _job_word(list(argv), jobs)
    resume = _last(rest, "resume")
    told = [text for text in rest if not text.startswith("resume=")]
    arguments = Arguments(
        job=job,
        hydra=tuple(sorted(told, key=lambda text: text not in SWEEP_FLAGS)),
        resume=None if resume in {"", "null"} else resume,
        data_dir=_last(rest, "data_dir"),
        folder=_last(rest, "hydra.run.dir"),
    )
    if arguments.resume and arguments.sweeps:
        raise ConfigurationError(
            "resume= continues one run, not a sweep: leave -m out and name the run (sweep/number)"
        )
    return arguments


def written(key: str, value: Any) -> str:
    """Write a plain value as an override in Hydra's grammar; texts may hold any character.

    >>> written("networks", ["a b", 3]), written("train", None), written("seed", 1)
    ("networks=['a b',3]", 'train=null', 'seed=1')
    """
    return f"{key}={_text(value)}"


def split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part Hydra's flags, each with its value, from overrides."""
    flags: list[str] = []
    overrides: list[str] = []
    for text in argv:
        last = flags[-1] if flags else ""
        is_value = last in VALUE_FLAGS or (last in PERHAPS_VALUE_FLAGS and "=" not in text)
        (flags if text.startswith("-") or is_value else overrides).append(text)
    return flags, overrides


def _job_word(argv: list[str], jobs: Sequence[str]) -> tuple[str, list[str]]:
    if not argv or argv[0].startswith(("-", "+", "~")) or "=" in argv[0]:
        return DEFAULT_JOB, argv
    if argv[0] in jobs:
        return argv[0], argv[1:]
    close = difflib.get_close_matches(argv[0], jobs, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    raise ConfigurationError(f"no job {argv[0]!r}: {hint}jobs are {', '.join(jobs)}")


def _last(overrides: Sequence[str], key: str) -> str | None:
    values = [
        text.partition("=")[2] for text in overrides if text.lstrip("+").startswith(f"{key}=")
    ]
    return values[-1].strip("'\"") if values else None


def _text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str | Path):
        return str(QuotedString(str(value), Quote.single).with_quotes())
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{key}:{_text(one)}' for key, one in value.items())}}}"
    if isinstance(value, Sequence):
        return f"[{','.join(_text(one) for one in value)}]"
    return str(value)
