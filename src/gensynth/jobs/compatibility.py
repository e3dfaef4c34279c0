"""What differs between Hydra 1.3 and 1.4 with their OmegaConfs; nothing else asks for versions."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import hydra
from omegaconf import OmegaConf

WHITELIST = "execution_whitelist"
NEW = WHITELIST in inspect.signature(hydra.main).parameters
"""From 1.4 on the caller says what configuration may call, and no version to be compatible with."""

VERSION: dict[str, Any] = {} if NEW else {"version_base": "1.3"}
"""Arguments for composing."""


def decorator(conf: str, job: str, trusted: Sequence[str]) -> Callable[[Any], Callable[[], Any]]:
    """Return `hydra.main` for a primary configuration.

    Args:
        conf: absolute folder of the configuration.
        job: name of the primary configuration.
        trusted: what Hydra's own part of it may call, such as `logging.*`.
    """
    settings: dict[str, Any] = {WHITELIST: list(trusted)} if NEW else VERSION
    return hydra.main(config_path=conf, config_name=job, **settings)


def permission(targets: Sequence[str]) -> dict[str, Any]:
    """Return the arguments for `instantiate` that let it call these targets and no others."""
    return {f"_{WHITELIST}_": list(targets)} if NEW else {}


def register_resolver(name: str, resolver: Callable[..., Any], *, cached: bool = False) -> None:
    """Register a resolver, or replace the one of that name."""
    # OmegaConf 2.4 gives the name of an older, different function to what 2.3 calls the new one.
    add: Any = OmegaConf.register_resolver if NEW else OmegaConf.register_new_resolver
    add(name, resolver, replace=True, use_cache=cached)
