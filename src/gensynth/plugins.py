"""Installed plugins add their `conf/` folder to Hydra's search path.

A plugin is a package with a `conf/` folder, announced by an entry point of group `gensynth.plugins`
whose value is the package's name. The built-in plugins come through the same door.
"""

import sys
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import final

from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin

GROUP = "gensynth.plugins"


@final
class PluginSearchPath(SearchPathPlugin):
    """Append the conf folder of every installed plugin, last, so that nobody shadows the core."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Append one folder per plugin; a broken plugin costs one line of warning."""
        for point in sorted(entry_points(group=GROUP)):
            try:
                folder = conf_folder(point)
            except Exception as error:  # somebody else's package may fail in any way
                print(_warning(point, error), file=sys.stderr)
            else:
                search_path.append(provider=f"plugin {point.name}", path=f"file://{folder}")


def conf_folder(point: EntryPoint) -> Path:
    """Return the plugin's conf folder; imports the plugin's package, not its classes.

    Raises:
        ModuleNotFoundError: the package has no `conf/`.
    """
    spec = find_spec(f"{point.value}.conf")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"package {point.value} has no conf/ folder")
    return Path(next(iter(spec.submodule_search_locations))).resolve()


def register() -> None:
    """Make installed plugins selectable; call before Hydra composes anything."""
    Plugins.instance().register(PluginSearchPath)


def _warning(point: EntryPoint, error: Exception) -> str:
    cause = " ".join(f"{type(error).__name__}: {error}".split())
    return f"warning: plugin {point.name!r} ({point.value}) is broken and left out: {cause}"
