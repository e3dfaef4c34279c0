"""Do the data have what the task needs? Known from their classes, before anything is built."""

from collections.abc import Iterator, Mapping
from typing import Any

from omegaconf import OmegaConf

from gensynth.errors import ConfigurationError
from gensynth.jobs import places
from gensynth.jobs.checks import target


def check_suitability(config: Mapping[str, Any]) -> None:
    """Check that the data's classes belong to what the task's do: images, pixels or boxes.

    Raises:
        ConfigurationError: they do not; one line with what goes together.
    """
    if "data" not in config or "task" not in config:
        return
    data, task = (str(config[group].get("_target_")) for group in ("data", "task"))
    has, needs = (_labelled(one) for one in (data, task))
    if has is None or needs is None or has == needs:
        return
    raise ConfigurationError(
        f"data={_name('data', data)} has one class per {has}, task={_name('task', task)} needs one "
        f"per {needs}: choose {_fitting(has)}, or {_fitting(needs)}"
    )


def _labelled(path: str) -> object:
    """Return what a class says of itself; None: it is nothing of ours."""
    return getattr(target(path), "labelled", None)


def _fitting(labelled: object) -> str:
    tasks, data = (
        [name for name, path in _options(group) if _labelled(path) == labelled]
        for group in ("task", "data")
    )
    return f"task={' or '.join(tasks)} with data={' or '.join(data)}"


def _name(group: str, path: str) -> str:
    return next((name for name, own in _options(group) if own == path), path)


def _options(group: str) -> Iterator[tuple[str, str]]:
    for file in sorted((places.conf() / group).glob("*.yaml")):
        node = OmegaConf.select(OmegaConf.load(file), group)
        if node is not None and "_target_" in node:
            yield file.stem, str(node._target_)
