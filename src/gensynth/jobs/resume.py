"""Continuing a run exactly as it was started, and refusing what contradicts that."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import OmegaConf

from gensynth.errors import ConfigurationError
from gensynth.jobs.arguments import CONFIG_DIR, split, written
from gensynth.jobs.runs import Saved

CHANGEABLE_SETTINGS = frozenset({"data_dir", "cache_dir", "open_test", "view"})
CHANGEABLE_GROUPS = frozenset({"hydra", "tracking"})
"""What may differ when a run is continued: nothing of it changes a number measured before."""
PATHS = ("data_dir", "prototype_checkpoint")
"""Settings that name a place; kept absolute, for a run may be continued from another folder."""


def continued(folder: Path, job: str, overrides: Sequence[str]) -> list[str]:
    """Return the arguments for Hydra that continue a run exactly as it was started.

    Args:
        folder: the run's.
        job: the job word on the command line.
        overrides: the command line's own overrides and flags.

    Raises:
        ConfigurationError: an override contradicts the saved configuration.
    """
    saved = Saved.read(folder)
    if saved.job != job:
        raise ConfigurationError(
            f"{folder} is a run of {saved.job}: say `gensynth {saved.job} ...`"
        )
    flags, asked = split(overrides)
    if saved.config_dir and CONFIG_DIR not in flags:
        flags += [CONFIG_DIR, saved.config_dir]
    parsed = OverridesParser.create().parse_overrides(asked)
    wrong = [complaint for one in parsed if (complaint := _contradiction(one, saved))]
    if wrong:
        raise ConfigurationError(
            f"resume={folder.name}: {'; '.join(wrong)}: leave that out, or start a new run"
        )
    extra = [one.input_line or "" for one in parsed if _changeable(one.key_or_group)]
    return [
        *saved.overrides,
        *_pinned(saved),
        *extra,
        written("hydra.run.dir", str(folder)),
        *flags,
    ]


def differences(saved: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return one phrase per setting of a continued run that must not differ and does."""
    before, after = _flat(saved), _flat(now)
    return [
        f"{key} was {before.get(key)!r}, is {after.get(key)!r}"
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key) and not _changeable(key)
    ]


def _changeable(key: str) -> bool:
    first, last = key.partition(".")[0], key.rpartition(".")[2]
    return first in CHANGEABLE_GROUPS or last in CHANGEABLE_SETTINGS


def _contradiction(override: Override, saved: Saved) -> str:
    key, value = override.key_or_group, override.value()
    if _changeable(key):
        return ""
    if override.is_delete() or override.is_add():
        return f"{override.input_line} changes the run"
    if key in saved.choices:
        was: Any = saved.choices[key]
    else:
        was = OmegaConf.select(OmegaConf.create(dict(saved.config)), key, default="(not a setting)")
    plain = OmegaConf.to_container(was) if OmegaConf.is_config(was) else was
    return "" if plain == value else f"{override.input_line} contradicts the saved {key}={plain}"


def _pinned(saved: Saved) -> list[str]:
    # What was found out from the surroundings: the default data set depends on the disk, a path on
    # the working directory, and the cores of a sweep's job were shared with the other jobs.
    config = OmegaConf.create(dict(saved.config))
    found = {
        "data": saved.choices.get("data"),
        **{key: OmegaConf.select(config, key) for key in PATHS},
        "executor.launcher_jobs": OmegaConf.select(config, "executor.launcher_jobs"),
    }
    return [written(key, value) for key, value in found.items() if value is not None]


def _flat(config: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in config.items():
        if isinstance(value, Mapping) and value:
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat
