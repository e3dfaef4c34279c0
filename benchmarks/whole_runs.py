"""What whole runs found on real data, beside their prototype and uniform scaling.

    gensynth experiment=camvid_cpu
    python benchmarks/whole_runs.py RUN [RUN ...]

Reads what runs have left behind, trains nothing, opens no test split. A run is its folder's name in
outputs/runs, or `last`. Runs that were recorded before stay, but for those of the same experiment
and seed. What a run nominated is kept in benchmarks/networks/.

- times_..., gained: of the nominated network, compared with the prototype on the same images.
- lead_over_uniform: NetScore points, over the best uniformly scaled network that passed as well.
"""

import argparse
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from network_speed import device_name
from search_methods import Row, spread, write

from gensynth.errors import DataError
from gensynth.jobs.runs import find_run
from gensynth.network.hardware import detect_device
from gensynth.records import MINUS_PROTOTYPE
from gensynth.report.read_run import read_run
from gensynth.report.result_table import Row as ResultRow
from gensynth.report.run_record import UNIFORM, RunRecord
from gensynth.run_files import NETWORK

HERE = Path(__file__).parent
RESULT, NETWORKS = HERE / "results" / "whole_runs.json", HERE / "networks"
SPLITS = ("confirm", "test")
COSTS = ("parameters", "macs")
PERSONAL = frozenset(["origin"])
"""Of a run's environment: what tells of a person rather than of a machine."""


def recorded(run: RunRecord) -> Row:
    """Return a finished run as plain data.

    Raises:
        DataError: it came to no result.
    """
    if not run.finished:
        raise DataError(f"{run.name} has not come to its result: continue it with resume=")
    short = [e for e in run.trained if e.fidelity == "short"]
    long = {e.candidate.digest for e in run.trained if e.fidelity == "long"}
    return {
        "experiment": run.choices.get("experiment") or run.data,
        "seed": run.seed,
        "data": run.data,
        "overrides": list(run.overrides),
        "quality": run.quality,
        "images": dict(run.counts),
        "requirements": [asdict(bound) for bound in run.bounds],
        "trainings": {"short": len(short), "long": len(long)},
        "worker_hours": sum(e.seconds for e in run.trained) / 3600,
        "environment": {
            name: value for name, value in run.environment.items() if name not in PERSONAL
        },
        "commit": run.environment.get("origin", {}).get("git_commit", "unknown"),
        "device": device_name(detect_device()),
        "splits": {split: compared(run, split) for split in SPLITS if run.of_split(split)},
    }


def compared(run: RunRecord, split: str) -> Row:
    """Return the three networks on one split's images, and what the nominated one gained."""
    rows = {
        "prototype": run.row("prototype", split),
        "nominated": run.row(run.nominated, split),
        "uniform": control(run, split),
    }
    there = {name: row for name, row in rows.items() if row is not None}
    found: Row = {"networks": {name: figures(run, row) for name, row in there.items()}}
    if "prototype" in there and "nominated" in there:
        found["gains"] = gains(run, there)
    return found


def control(run: RunRecord, split: str) -> ResultRow | None:
    """Return the control's row: of the network that it nominated, on the confirm split."""
    best = run.best_control("confirm")
    return run.row(best.name, split) if best is not None else None


def figures(run: RunRecord, row: ResultRow) -> Row:
    """Return what is told of a network: costs, scores, quality with its errors and intervals."""
    shown = (run.quality, run.quality + MINUS_PROTOTYPE)
    names = [*shown, *COSTS, "information_density", run.score]
    return {
        "name": row.name.removeprefix(UNIFORM),
        "measurements": {n: row.measurements[n] for n in names if n in row.measurements},
        "standard_errors": {n: row.standard_errors[n] for n in shown if n in row.standard_errors},
        "intervals_95": {n: list(row.intervals[n]) for n in shown if n in row.intervals},
        "margins": dict(row.margins),
    }


def gains(run: RunRecord, rows: Mapping[str, ResultRow]) -> Row:
    """Return by how much the nominated network is ahead of the prototype and of the control."""
    own, base = rows["nominated"].measurements, rows["prototype"].measurements
    found = {
        "times_fewer_parameters": base["parameters"] / own["parameters"],
        "times_fewer_macs": base["macs"] / own["macs"],
        "times_information_density": (own[run.quality] / own["parameters"])
        / (base[run.quality] / base["parameters"]),
        f"{run.quality}_gained": own[run.quality] - base[run.quality],
        f"{run.score}_gained": own[run.score] - base[run.score],
    }
    if "uniform" in rows:
        found["lead_over_uniform"] = own[run.score] - rows["uniform"].measurements[run.score]
    return found


def summary(runs: Sequence[Row]) -> dict[str, Row]:
    """Return, by experiment and split, the mean over runs of every gain, with its spread."""
    result: dict[str, Row] = {}
    for name in dict.fromkeys(one["experiment"] for one in runs):
        mine = [one for one in runs if one["experiment"] == name]
        result[name] = {"n": len(mine)}
        for split in SPLITS:
            told = [one["splits"][split].get("gains", {}) for one in mine if split in one["splits"]]
            names = dict.fromkeys(key for one in told for key in one)
            result[name][split] = {
                key: spread([one[key] for one in told if key in one]) for key in names
            }
    return result


def with_new(before: Sequence[Row], new: Sequence[Row]) -> list[Row]:
    """Return the runs recorded before, where the new ones are not of the same, and the new ones."""

    def which(run: Row) -> tuple[str, int]:
        return run["experiment"], run["seed"]

    replaced = {which(run) for run in new}
    return sorted([*(run for run in before if which(run) not in replaced), *new], key=which)


def packages(runs: Sequence[Row]) -> dict[str, list[str]]:
    """Return the versions of Python and of every package that runs were made with."""
    found: dict[str, list[str]] = {}
    for run in runs:
        environment = run["environment"]
        told = {"python": environment["python"], **environment["packages"]}
        for name, version in told.items():
            found[name] = sorted({*found.get(name, []), version})
    return found


def keep_network(run: RunRecord, name: str) -> None:
    """Copy the nominated network's file to where published networks are."""
    if run.nominated is not None:
        NETWORKS.mkdir(exist_ok=True)
        shutil.copyfile(run.folder / NETWORK, NETWORKS / f"{name}.safetensors")


def main() -> None:
    """Read the runs, print and write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    before = json.loads(options.output.read_text())["runs"] if options.output.exists() else []
    new = []
    for name in options.runs:
        run = read_run(find_run(name))
        one = recorded(run)
        keep_network(run, f"{one['experiment']}-seed{one['seed']}")
        new.append(one)
    runs = with_new(before, new)
    result = {
        "claim": "what whole runs nominated, beside their prototype and uniform scaling",
        "summary": summary(runs),
        "devices": sorted({run["device"] for run in runs}),
        "versions": packages(runs),
        "commits": sorted({run["commit"] for run in runs}),
        "runs": runs,
    }
    write(result, options.output)


if __name__ == "__main__":
    main()
