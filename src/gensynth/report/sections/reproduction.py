"""On what the run was made, and how to make it again."""

import json
import shlex
from collections.abc import Mapping

from gensynth.report.document import Block, Listing, Section, Table, Text
from gensynth.report.run_record import RunRecord


def reproduction(run: RunRecord) -> Section:
    """Return the section with environment, command lines and configuration."""
    blocks: list[Block] = [Listing(commands(run)), environment(run)]
    chosen = [(group, str(option)) for group, option in run.choices.items() if option]
    options = tuple(sorted(chosen))
    blocks.append(Table(("group", "option"), options, folded="Chosen configuration options"))
    config = json.dumps(run.config, indent=1, ensure_ascii=False)
    blocks.append(Listing(config, folded="The whole configuration"))
    return Section("Environment, and how to reproduce", tuple(blocks))


def environment(run: RunRecord) -> Block:
    """Return the machine and the versions that a run was made with."""
    if not run.environment:
        return Text("The environment was not noted.", is_note=True)
    return Table(("environment", ""), tuple(_flat(run.environment)))


def commands(run: RunRecord, *, alone: bool = True) -> str:
    """Return command lines: the run again, networks from its generator, its network measured.

    Args:
        run: as it was left.
        alone: whether the report is of this run alone; otherwise its own is one line more.
    """
    own = ["--config-dir", run.config_dir] if run.config_dir else []
    again = shlex.join(["gensynth", *own, *run.overrides])
    name = shlex.quote(str(run.folder))
    lines = ["# the same run again", again]
    if not run.finished:
        lines += ["# go on with it", f"gensynth resume={name}"]
    if run.beliefs:
        lines += ["# five other networks from the learned generator"]
        lines += [f"gensynth generate run={name} networks=5"]
    if run.nominated:
        lines += ["# measure the nominated network as it is"]
        lines += [f"gensynth evaluate run={name} train=false"]
    if not alone:
        lines += ["# its own report", f"gensynth report run={name}"]
    return "\n".join(lines)


def _flat(values: Mapping[str, object], before: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            found += _flat(value, f"{key} ")
        else:
            found.append((f"{before}{key}".replace("_", " "), str(value)))
    return found
