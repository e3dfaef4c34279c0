"""What whole runs found on real data, beside their prototype and uniform scaling.

    gensynth experiment=camvid_cpu
    python benchmarks/whole_runs.py RUN [RUN ...]

Reads what runs have left behind, trains nothing, opens no test split. A run is its folder's name in
outputs/runs, or `last`. Runs that were recorded before stay, but for those of the same experiment
and seed. The networks that are compared are kept in benchmarks/networks/.

- times_..., gain_over_...: of the nominated network over another on the same images.
- uniform: the control's best network of those that met the requirements on the confirm split.
"""

import argparse
import json
import shutil
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from search_methods import Row, spread, write

from gensynth.errors import DataError
from gensynth.jobs.runs import find_run
from gensynth.records import MINUS_PROTOTYPE
from gensynth.report.read_run import read_run
from gensynth.report.result_table import Row as ResultRow
from gensynth.report.run_record import UNIFORM, Network, RunRecord

HERE = Path(__file__).parent
RESULT, NETWORKS = HERE / "results" / "whole_runs.json", HERE / "networks"
SPLITS = ("confirm", "test")
DENSITY = "information_density"
MACHINE = ("device", "processor", "precision", "workers", "threads", "python", "packages")
"""Of a run's environment: what tells of the machine, and not of a person."""


def recorded(run: RunRecord) -> Row:
    """Return a finished run as plain data.

    Raises:
        DataError: it came to no result.
    """
    if not run.finished:
        raise DataError(f"{run.name} has not come to its result: continue it with resume=")
    control = [n for n in run.networks if n.role.startswith(UNIFORM)]
    search = [n for n in run.networks if n.role != "prototype" and n not in control]
    return {
        "experiment": run.choices.get("experiment") or run.data,
        "seed": run.seed,
        "data": run.data,
        "quality": run.quality,
        "score": run.score,
        "images": dict(run.counts),
        "required": required(run.config.get("requirements", {})),
        "time_limit_minutes": run.config.get("time_limit_minutes"),
        "search": trainings(search),
        "control": trainings(control),
        "nominated": run.nominated,
        "environment": {n: run.environment[n] for n in MACHINE if n in run.environment},
        "commit": run.environment.get("origin", {}).get("git_commit", "unknown"),
        "device": run.environment["processor"],
        "splits": {split: compared(run, split) for split in SPLITS if run.of_split(split)},
        "foretold": foretold(run),
        "evaluations": [evaluated(run, one) for one in run.networks if one.role != "prototype"],
    }


def evaluated(run: RunRecord, network: Network) -> Row:
    """Return one evaluation in few words, for predictors of quality to be tried on.

    The design is one option's index per choice, in the order of the design space.
    """
    one, names = network.evaluation, [run.quality, run.quality + MINUS_PROTOTYPE]
    return {
        "role": network.role,
        "fidelity": one.fidelity,
        "split": one.split,
        "seed": one.candidate.seed,
        "design": " ".join(map(str, one.candidate.design)),
        "cause": one.cause,
        **{name: value for name in names if (value := one.measurements.get(name)) is not None},
        "standard_errors": {n: one.standard_errors[n] for n in names if n in one.standard_errors},
        "seconds": round(one.seconds, 1),
    }


def foretold(run: RunRecord) -> dict[str, Row]:
    """Return, by fidelity, how well the inquisitor knew what was coming, in percentage points.

    Of every network of the search when it was first read; intervals are those it claimed.
    """
    result: dict[str, Row] = {}
    for fidelity in dict.fromkeys(one.fidelity for one in run.foretold):
        told = [one for one in run.foretold if one.fidelity == fidelity]
        missed = [one.read - one.expected for one in told]
        result[fidelity] = {
            "n": len(told),
            "within_95": sum(one.low <= one.read <= one.high for one in told),
            "interval_95": statistics.fmean(one.high - one.low for one in told),
            "missed": statistics.fmean(missed),
            "missed_root_mean_square": statistics.fmean(one**2 for one in missed) ** 0.5,
        }
    return result


def required(requirements: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Return the bounds as they are written on the command line, such as `macs.at_most=5e6`."""
    return [
        f"{name}.{side}={bound}"
        for name, sides in requirements.items()
        for side, bound in sides.items()
        if bound is not None
    ]


def trainings(networks: Sequence[Network]) -> Row:
    """Return how many trainings there were, how many of them failed, and how long all took.

    A network that is read on a second split is not trained again.
    """
    done = [n.evaluation for n in networks if n.evaluation.status == "completed"]
    trained = {(e.fidelity, e.candidate.digest, e.candidate.seed) for e in done}
    return {
        "short": sum(fidelity == "short" for fidelity, *_ in trained),
        "long": sum(fidelity == "long" for fidelity, *_ in trained),
        "failed": len(networks) - len(done),
        "worker_hours": sum(n.evaluation.seconds for n in networks) / 3600,
    }


def named(run: RunRecord) -> dict[str, str]:
    """Return who is compared, by name in the result table; both were chosen on the confirm split.

    Where nothing met the requirements, there is none.
    """
    control = run.best_control("confirm")
    names = {"prototype": "prototype", "nominated": run.nominated}
    names["uniform"] = control and control.name
    return {who: name for who, name in names.items() if name is not None}


def compared(run: RunRecord, split: str) -> Row:
    """Return the networks as read on one split's images, and what the nominated one gained."""
    rows = {who: row for who, name in named(run).items() if (row := run.row(name, split))}
    return {
        "networks": {who: figures(run, row) for who, row in rows.items()},
        "gains": gains(run, rows) if {"prototype", "nominated"} <= rows.keys() else {},
    }


def figures(run: RunRecord, row: ResultRow) -> Row:
    """Return costs, quality, score and differences, with their errors, intervals and margins."""
    estimates = [one + end for one in (run.quality, run.score) for end in ("", MINUS_PROTOTYPE)]
    names = [*estimates, "parameters", "macs", DENSITY]
    return {
        "name": row.name.removeprefix(UNIFORM),
        "measurements": {n: row.measurements[n] for n in names if n in row.measurements},
        "standard_errors": {n: row.standard_errors[n] for n in names if n in row.standard_errors},
        "intervals_95": {n: list(row.intervals[n]) for n in names if n in row.intervals},
        "margins": dict(row.margins),
    }


def gains(run: RunRecord, rows: Mapping[str, ResultRow]) -> dict[str, float]:
    """Return by how much the nominated network is ahead of the prototype and of the control."""
    own, base = rows["nominated"].measurements, rows["prototype"].measurements
    found = {
        "times_fewer_parameters": base["parameters"] / own["parameters"],
        "times_fewer_macs": base["macs"] / own["macs"],
    }
    if DENSITY in own:
        found["times_information_density"] = own[DENSITY] / base[DENSITY]
    for who in ("prototype", "uniform"):
        for name in (run.quality, run.score):
            if who in rows:
                found[f"gain_over_{who}_{name}"] = own[name] - rows[who].measurements[name]
    return found


def summary(runs: Sequence[Row]) -> dict[str, Row]:
    """Return, by experiment and split, every gain's mean over the runs that have it, and error."""
    result: dict[str, Row] = {}
    for name in dict.fromkeys(one["experiment"] for one in runs):
        mine = [one for one in runs if one["experiment"] == name]
        result[name] = {"n": len(mine), "nominated": sum(bool(one["nominated"]) for one in mine)}
        for split in SPLITS:
            told = [one["splits"][split]["gains"] for one in mine if split in one["splits"]]
            keys = dict.fromkeys(key for one in told for key in one)
            result[name][split] = {key: over([one.get(key) for one in told]) for key in keys}
    return result


def over(values: Sequence[float | None]) -> Row:
    """Return the mean of those that are there, its standard error, and how many they are."""
    there = [value for value in values if value is not None]
    return {"n": len(there), **spread(there)}


def with_new(before: Sequence[Row], new: Sequence[Row]) -> list[Row]:
    """Return all runs, the new ones in the place of those of the same experiment and seed."""
    return list({which(run): run for run in [*before, *new]}.values())


def which(run: Row) -> str:
    """Return what tells runs apart: the name of files, too."""
    return f"{run['experiment']}-seed{run['seed']}"


def packages(runs: Sequence[Row]) -> dict[str, list[str]]:
    """Return the versions of Python and of every package that runs were made with."""
    found: dict[str, list[str]] = {}
    for run in runs:
        environment = run["environment"]
        for name, version in {"python": environment["python"], **environment["packages"]}.items():
            found[name] = sorted({*found.get(name, []), version})
    return found


def keep_networks(run: RunRecord, name: str, folder: Path) -> None:
    """Copy the files of what was nominated, by the search and by the control; drop older ones."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{name}-*.safetensors"):
        old.unlink()
    found = named(run)
    for who, role in (("nominated", "finalist"), ("uniform", "uniform finalist")):
        for one in (n.evaluation for n in run.networks if n.role == role and who in found):
            if one.candidate.name == found[who].removeprefix(UNIFORM):
                shutil.copyfile(run.folder / one.network, folder / f"{name}-{who}.safetensors")


def main() -> None:
    """Read the runs, print and write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--output", type=Path, default=RESULT)
    parser.add_argument("--networks", type=Path, default=NETWORKS)
    options = parser.parse_args()
    read = [read_run(find_run(name)) for name in options.runs]
    new = [recorded(run) for run in read]
    before = json.loads(options.output.read_text())["runs"] if options.output.exists() else []
    runs = with_new(before, new)
    for run, one in zip(read, new, strict=True):
        keep_networks(run, which(one), options.networks)
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
