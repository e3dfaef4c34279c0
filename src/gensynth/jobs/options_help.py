"""The text of `--help`: jobs, settings, and every option of every group with one line on each."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig

from gensynth.jobs import places

SETTING = re.compile(r"^(?P<key>[a-z0-9_]+): (?P<value>.*?)\s+# (?P<about>.+)$", re.MULTILINE)


def options_help() -> str:
    """Return the help text for the job that is being composed; options in use carry a star."""
    job = HydraConfig.get().job.config_name or "synthesize"
    chosen = HydraConfig.get().runtime.choices
    sections = {
        "jobs": {name: describe(places.conf() / f"{name}.yaml") for name in places.job_names()},
        f"settings of {job}": dict(_settings(places.conf() / f"{job}.yaml")),
    }
    for group, options in sorted(groups(_folders()).items()):
        sections[f"{group}=..."] = {
            f"{name}{' *' if chosen.get(group) == name else ''}": describe(path)
            for name, path in sorted(options.items())
        }
    text = "\n\n".join(_section(title, rows) for title, rows in sections.items())
    return text.replace("$", "$$")  # Hydra substitutes $NAMES in what we return


def groups(folders: list[Path]) -> dict[str, dict[str, Path]]:
    """Return group to option name to file; as for Hydra, the first folder that has it wins."""
    found: dict[str, dict[str, Path]] = {}
    for folder in folders:
        for path in sorted(folder.glob("*/**/*.yaml")):
            group = path.parent.relative_to(folder).as_posix()
            if not group.startswith("hydra"):
                found.setdefault(group, {}).setdefault(path.stem, path)
    return found


def describe(path: Path) -> str:
    """Return a YAML file's first line of comment, leaving out Hydra's own (`# @package ...`)."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") and not re.match(r"#\s*@", line):
            return line.lstrip("# ").rstrip()
        if line.strip() and not line.startswith("#"):
            break
    return ""


def _folders() -> list[Path]:
    sources = GlobalHydra.instance().config_loader().get_sources()
    return [Path(source.path) for source in sources if source.scheme() == "file"]


def _settings(path: Path) -> Iterator[tuple[str, str]]:
    for match in SETTING.finditer(path.read_text(encoding="utf-8")):
        yield f"{match['key']}={match['value']}", match["about"]


def _section(title: str, rows: Mapping[str, str]) -> str:
    width = max([24, *(len(name) + 2 for name in rows)]) if rows else 0
    return "\n".join(
        [f"{title}", *(f"  {name:<{width}}{about}".rstrip() for name, about in rows.items())]
    )
