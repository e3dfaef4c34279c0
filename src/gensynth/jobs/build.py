"""From configuration to finished objects: the only place that instantiates."""

from collections.abc import Iterator
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from gensynth.errors import ConfigurationError, GensynthError
from gensynth.jobs.compatibility import permission


def build(cfg: DictConfig, *live: Any) -> Any:
    """Build the object that a configuration node names, and every object nested in it.

    Configuration is code: `_target_` calls whatever it names.

    Args:
        cfg: a node with `_target_`; lists and mappings in it arrive as plain Python ones.
        live: objects that configuration cannot express, passed as positional arguments.

    Raises:
        ConfigurationError: the target does not exist or refuses its arguments.
        GensynthError: what the object's constructor itself raised.
    """
    try:
        return instantiate(cfg, *live, _convert_="all", **permission(_named(cfg)))
    except (InstantiationException, TypeError, ValueError) as error:  # Hydra 1.4 wraps only its own
        cause = _cause(error)
        if isinstance(cause, GensynthError):
            raise cause from None
        raise ConfigurationError(f"{_where(cfg)}: {' '.join(str(cause).split())}") from error
    except OmegaConfBaseException as error:
        raise ConfigurationError(f"{_where(cfg)}: {' '.join(str(error).split())}") from error


def _named(cfg: DictConfig) -> list[str]:
    return sorted(set(_targets(OmegaConf.to_container(cfg, resolve=False))))


def _targets(node: Any) -> Iterator[str]:
    if isinstance(node, dict) and "_target_" in node:
        yield str(node["_target_"])
    parts = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for part in parts:
        yield from _targets(part)


def _cause(error: BaseException) -> BaseException:
    while isinstance(error, InstantiationException) and error.__cause__ is not None:
        error = error.__cause__
    return error


def _where(cfg: DictConfig) -> str:
    key = cfg._get_full_key(None)
    return f"{key or 'configuration'} ({cfg.get('_target_', 'no _target_')})"
