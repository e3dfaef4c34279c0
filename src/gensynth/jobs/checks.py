"""Check a configuration before anything starts: unknown keys, missing keys, wrong types."""

import inspect
import pkgutil
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from omegaconf import DictConfig, OmegaConf

from gensynth.data.partition import Split
from gensynth.errors import ConfigurationError
from gensynth.jobs import places

Plain = Mapping[str, Any]

SCALARS: Mapping[Any, tuple[type, ...]] = {
    bool: (bool,),
    int: (int,),
    float: (float, int),
    str: (str,),
    types.NoneType: (types.NoneType,),
}

LEAST_IMAGES = 2
"""Of a split: how much images differ, or by how much to normalise, cannot be told from one."""

UNTOLD: Mapping[str, Any] = {
    "data_dir": str | None,
    "network": str | None,
    "open_test": bool | None,
    "prototype_checkpoint": str | None,
    "resume": str | None,
    "task_name": str | None,
    "time_limit_minutes": float | None,
    "to": str | None,
    "train": bool | None,
    "uri": str | None,
}
"""Types of the settings whose default, null or worked out, does not tell."""


def check(config: Plain, job: str) -> None:
    """Check every top-level setting and every node that names a target; imports the targets.

    Raises:
        ConfigurationError: one line with everything that is wrong.
    """
    problems = [*wrong_settings(config, job), *wrong_nodes(config)]
    if problems:
        raise ConfigurationError("; ".join(problems))


def wrong_settings(config: Plain, job: str) -> Iterator[str]:
    """Yield settings whose type differs from that of their default in the job's own file.

    A default that is another setting (`${cycles}`) has that one's type.
    """
    loaded = OmegaConf.load(places.conf() / f"{job}.yaml")
    defaults: Any = OmegaConf.to_container(loaded, resolve=False)
    defaults.pop("defaults")  # Hydra's own list
    for group in defaults.values():
        for key, default in group.items() if isinstance(group, dict) else ():
            if str(default).startswith("${"):
                group[key] = defaults.get(str(default)[2:-1], default)
    yield from _mistyped(config, defaults, "")


def _mistyped(config: Plain, defaults: Any, where: str) -> Iterator[str]:
    for key, default in defaults.items():
        value = config.get(key)
        if isinstance(default, dict) and isinstance(value, dict):
            yield from _mistyped(value, default, f"{where}{key}.")
        hint = _hint(str(key), default)
        if not fits(value, hint):
            yield f"{where}{key}={value!r} must be {_kind(hint)}"


def _hint(key: str, default: Any) -> Any:
    if default is None or "${" in str(default):
        return UNTOLD.get(key, Any)
    if isinstance(default, list):
        return Sequence[str]
    return type(default) if isinstance(default, bool | int | float | str) else Any


def wrong_nodes(node: Any, where: str = "") -> Iterator[str]:
    """Yield what is wrong with every node that has a `_target_`, nested ones included."""
    if isinstance(node, Mapping):
        if "_target_" in node:
            yield from _wrong_node(node, where)
        for key, value in node.items():
            yield from wrong_nodes(value, f"{where}.{key}" if where else str(key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from wrong_nodes(value, f"{where}[{index}]")


def target(path: str) -> Callable[..., Any]:
    """Return the class or function a `_target_` names.

    Raises:
        ConfigurationError: there is none, or its module cannot be imported.
    """
    module, _, name = path.rpartition(".")
    try:
        found = pkgutil.resolve_name(f"{module}:{name}")
    except (ImportError, AttributeError, SyntaxError, ValueError) as error:
        raise ConfigurationError(f"_target_ {path!r} cannot be imported: {error}") from error
    if not callable(found):
        raise ConfigurationError(f"_target_ {path!r} is no class or function")
    called: Callable[..., Any] = found
    return called


def fits(value: Any, hint: Any) -> bool:
    """Tell whether a plain value may be passed where `hint` is declared; objects always may."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return any(fits(value, one) for one in arguments)
    if origin is Literal:
        return value in arguments
    if hint in SCALARS:
        return isinstance(value, SCALARS[hint]) and (hint is bool or not isinstance(value, bool))
    if origin is not None and isinstance(origin, type):
        return _fits_container(value, origin, arguments)
    return True


def _fits_container(value: Any, origin: type, arguments: tuple[Any, ...]) -> bool:
    if issubclass(origin, Mapping):
        plain = isinstance(value, Mapping)
        return plain and all(fits(one, arguments[-1]) for one in value.values())
    if issubclass(origin, Sequence):
        return isinstance(value, list) and all(fits(one, arguments[0]) for one in value)
    return True


def _wrong_node(node: Plain, where: str) -> Iterator[str]:
    try:
        found = target(str(node["_target_"]))
        parameters = inspect.signature(found).parameters
        hints = get_type_hints(found.__init__ if inspect.isclass(found) else found)
    except ConfigurationError as error:
        yield f"{where}: {error}"
        return
    except (TypeError, ValueError, NameError):
        return  # somebody else's target that cannot be inspected; building it will tell
    given = {key: value for key, value in node.items() if not key.startswith("_")}
    for key, value in given.items():
        if key in hints and not fits(value, hints[key]):
            yield f"{where}.{key}={value!r} must be {_kind(hints[key])}"
    if not any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
        for key in given.keys() - parameters.keys():
            takes = ", ".join(_settings(parameters)) or "no settings"
            yield f"{where}.{key} is unknown to {node['_target_']}, which takes {takes}"
    if not node.get("_partial_"):
        yield from (f"{where}.{k} is missing" for k in _required(parameters) if k not in given)


def _settings(parameters: Mapping[str, inspect.Parameter]) -> list[str]:
    return [name for name, one in parameters.items() if one.kind is one.KEYWORD_ONLY]


def _required(parameters: Mapping[str, inspect.Parameter]) -> list[str]:
    return [k for k in _settings(parameters) if parameters[k].default is inspect.Parameter.empty]


def _kind(hint: Any) -> str:
    names = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
    if hint in names:
        return names[hint]
    if get_origin(hint) in {Union, types.UnionType}:
        return " or ".join(_kind(one) for one in get_args(hint))
    if get_origin(hint) is Sequence:
        return f"a list such as [a,b], each {_kind(get_args(hint)[0])}"
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(str(one) for one in get_args(hint))
    return "null" if hint is types.NoneType else str(hint).replace("collections.abc.", "")


def check_budget(cfg: DictConfig) -> None:
    """Refuse numbers that leave nothing to do.

    Raises:
        ConfigurationError: naming the setting and the least it may be.
    """
    least = {"seed": 0, "cycles": 0, "candidates": 1, "attempts": 1, "pool": 1, "promoted": 0}
    least |= {"long_networks": 1, "control.cycles": 0, "control.candidates": 1}
    least |= {"promote_every": 1, "control.promoted": 0, "control.long_networks": 0}
    for name, bound in least.items():
        value = OmegaConf.select(cfg, name)
        if value < bound:
            raise ConfigurationError(f"{name}={value} must be {bound} or more")
    limit = cfg.time_limit_minutes
    if limit is not None and not (isinstance(limit, int | float) and limit > 0):
        raise ConfigurationError(f"time_limit_minutes={limit} must be above 0, or null for none")
    if not cfg.confidence_z >= 0:
        raise ConfigurationError(f"confidence_z={cfg.confidence_z} must be 0 or more")


def check_counts(data: str, counts: Mapping[Split, int]) -> None:
    """Refuse a split with too few images to train on, or to say how sure a measurement is.

    Args:
        data: name of the data set.
        counts: images per split.

    Raises:
        ConfigurationError: naming the split, how many images it has, and the least.
    """
    for split, count in counts.items():
        if count < LEAST_IMAGES:
            raise ConfigurationError(
                f"data={data}: the {split} split has {count} image(s); {LEAST_IMAGES} are the least"
            )
