"""Which data set a task takes when none is named: the real one where it is present.

A task's file says `/data: ${<task>_data}`. Group `<task>_data` has an empty option for every data
set that may be chosen like this; the command line is completed with the one that is present. So the
composed configuration names the set that is really used, and `data=...` or an experiment wins.
(A resolver would not do: in a defaults list Hydra 1.4 takes nothing but chosen options.)
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from omegaconf import OmegaConf

from gensynth.data.presence import LAYOUTS, present
from gensynth.errors import ConfigurationError
from gensynth.jobs import places

SUFFIX = "_data"


def completed(job: str, overrides: Sequence[str]) -> list[str]:
    """Return the overrides that choose the real data sets that are present.

    Args:
        job: the primary configuration.
        overrides: of the command line; what they say already is not said again.
    """
    said = _keys(overrides)
    return [
        f"{group}={name}"
        for group in _groups(job)
        for name in _real(group)
        if group not in said and present(name, places.data())
    ]


def wanted_instead(choices: Mapping[str, str | None], overrides: Sequence[str]) -> str | None:
    """Return the real data set that the embedded one in use stands in for, if it does.

    Args:
        choices: configuration group to chosen option.
        overrides: of the command line; data named there, or by an experiment, stand in for nothing.
    """
    if _keys(overrides) & {"data", "experiment"}:
        return None
    for group, option in choices.items():
        if group.endswith(SUFFIX) and option == choices.get("data"):
            return next((name for name in _real(group) if name != option), None)
    return None


def announcement(
    choices: Mapping[str, str | None], overrides: Sequence[str], data_dir: Path
) -> str | None:
    """Return what to tell about embedded data that stand in for real ones, or None.

    Raises:
        ConfigurationError: the real ones are there, but where the choice could not see them.
    """
    wanted = wanted_instead(choices, overrides)
    if wanted is None:
        return None
    if present(wanted, data_dir):
        raise ConfigurationError(
            f"data_dir={data_dir} holds {wanted}, but was set where the choice of the default data"
            f" cannot see it: add data={wanted}, or set {places.DATA}"
        )
    offered = OmegaConf.load(places.conf() / "data" / f"{wanted}.yaml").data
    fetched = f"data={wanted} data.download=true, or " if "download" in offered else ""
    return (
        f"data: {choices['data']} (embedded), because {wanted} is not in {data_dir};"
        f" for the real set: {fetched}data_dir=<folder that holds it>"
    )


def _groups(job: str) -> Iterator[str]:
    config = OmegaConf.load(places.conf() / f"{job}.yaml")
    for item in config.defaults:
        if OmegaConf.is_dict(item):
            yield from (str(group) for group in item if str(group).endswith(SUFFIX))


def _real(group: str) -> list[str]:
    options = sorted(path.stem for path in (places.conf() / group).glob("*.yaml"))
    return [name for name in options if LAYOUTS[name]]


def _keys(overrides: Sequence[str]) -> set[str]:
    return {text.partition("=")[0].lstrip("+") for text in overrides}
