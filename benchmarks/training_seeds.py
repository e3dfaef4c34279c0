"""How much of what a whole run found is its training's luck? Its nominated design, trained again.

    python benchmarks/training_seeds.py RUN --seeds 3 [--test]

Of a finished run, on the machine that it was made on: the nominated design is trained long from
other seeds, with the run's own recipe, prototype and teacher, and read beside the prototype on the
confirm split and, if asked for, on the test split, where the run's ledger has what was read.

- minus_prototype: of the run's main quality, in its unit, by seed; its mean over the seeds with the
  standard error over them, and a 95 % interval of that mean from resampled images, paired with the
  prototype's.

What was trained is kept under outputs/training_seeds/, so that it goes on where it stopped.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from search_methods import Row, commit_of, quiet, spread, versions, write

from gensynth.data.data_module import Split
from gensynth.errors import DataError
from gensynth.evaluation import CONFIRM, Job
from gensynth.generators.seeding import seed_of
from gensynth.jobs import places
from gensynth.jobs.past_run import PastRun
from gensynth.jobs.prepare import Prepared, prepare, probes_of, prototype_source
from gensynth.jobs.runs import Saved, alone
from gensynth.jobs.tables import read_result
from gensynth.journal import Journal
from gensynth.network.digest import weights_digest
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.hardware import detect_device, processor_name
from gensynth.network.saving import load
from gensynth.pairing import paired_intervals
from gensynth.reading import Reading, read_test
from gensynth.recording import Recording
from gensynth.records import Candidate, Evaluation
from gensynth.run_files import JOURNAL
from gensynth.tasks.task import Quality
from gensynth.training import evaluate_quality

RECORD = Path(__file__).parent / "results" / "training_seeds.json"
STREAM = 5 * 10**6
"""Kept apart from the seeds that searches draw."""


def nominated_design(past: PastRun) -> tuple[int, ...]:
    """Return the design that the run nominated.

    Raises:
        DataError: there is none, or the run has not come to its result.
    """
    name = read_result(past.folder)["nominated"]
    found = [e for e in Journal(past.folder / JOURNAL).all() if e.candidate.name == name]
    if not found:
        raise DataError(f"{past.folder.name} has nominated no network: name a run that has")
    return found[0].candidate.design


def prepared_as_then(past: PastRun) -> Prepared:
    """Return the run's prototype with its lessons.

    Raises:
        DataError: it is not in the cache any more, and came out otherwise when trained again.
    """
    prepared = prepare(past.assembly, probes_of(past.cfg), prototype_source(past.cfg))
    if prepared.digest != weights_digest(past.prototype):
        raise DataError(f"{past.folder.name} was made with another prototype than there is now")
    return prepared


def trained_again(past: PastRun, prepared: Prepared, seeds: int, folder: Path) -> list[Evaluation]:
    """Train the nominated design long from as many other seeds, and read it on the confirm split.

    Raises:
        DataError: a training failed.
    """
    a, design = past.assembly, nominated_design(past)
    digest = a.space.digest(design)
    candidates = [Candidate(0, n, seed_of(STREAM, 0, n), design, digest) for n in range(seeds)]
    recording = Recording(
        prepared.evaluator(a, {}, folder), a.executor, Journal(folder / JOURNAL), lambda _: None
    )
    with closing(a.executor):
        found = list(recording([Job(one, "long", CONFIRM) for one in candidates]))
    for one in found:
        if one.status != "completed":
            raise DataError(
                f"training from seed {one.candidate.seed} failed: {one.cause}; to try again, remove"
                f" {folder / JOURNAL}"
            )
    return sorted(found, key=lambda e: e.candidate.index)


def read(
    past: PastRun, networks: Sequence[GraphNetwork], split: Split
) -> list[Quality] | list[Reading]:
    """Return what networks are on one split's images."""
    a = past.assembly
    if split != "test":
        return [evaluate_quality(one, a.task, a.data, split, a.training) for one in networks]
    with past.ledger() as ledger:
        return [read_test(one, a.data, a.task, a.training, ledger) for one in networks]


def compared(
    prototype: Quality | Reading, networks: Sequence[Quality | Reading], quality: str
) -> Row:
    """Return how far networks are from the prototype, one by one and in their mean.

    Args:
        prototype: as read.
        networks: one or more, read on the same images.
        quality: name of what is compared.

    Raises:
        DataError: an older version read them, which did not keep what images contribute.
    """
    if any(quality not in one.examples for one in (prototype, *networks)):
        raise DataError("the ledger does not tell what each image contributes: make the run anew")
    own = [one.values[quality] - prototype.values[quality] for one in networks]
    mean = {quality: np.mean([one.examples[quality] for one in networks], axis=0)}
    (interval,) = paired_intervals(mean, prototype.examples, [quality]).values()
    return {
        "images": len(mean[quality]),
        "prototype": prototype.values[quality],
        "minus_prototype": [round(gap, 4) for gap in own],
        **spread(own),
        "interval_95": list(interval),
    }


def result_of(past: PastRun, trained: Sequence[Evaluation], folder: Path, *, test: bool) -> Row:
    """Return the record of one run."""
    choices, quality = Saved.read(past.folder).choices, past.assembly.task.quality
    everyone = [past.prototype, *(load(folder / one.network) for one in trained)]
    splits: list[Split] = ["confirm", "test"] if test else ["confirm"]
    return {
        "experiment": choices.get("experiment") or choices.get("data"),
        "seed": past.cfg.seed,
        "quality": quality,
        "n": len(trained),
        "device": processor_name(detect_device()),
        "commit": commit_of(),
        "versions": versions(),
        "splits": {
            split: compared(first, others, quality)
            for split in splits
            for first, *others in [read(past, everyone, split)]
        },
    }


def record_of(runs: Mapping[str, Row]) -> Row:
    """Return the record of all runs, with every machine, version and commit they were made with."""
    packages = {package for one in runs.values() for package in one["versions"]}
    return {
        "claim": "the nominated design of a whole run, trained again from other seeds",
        "summary": dict(runs),
        "devices": sorted({one["device"] for one in runs.values()}),
        "commits": sorted({one["commit"] for one in runs.values()}),
        "versions": {
            package: sorted({one["versions"][package] for one in runs.values()})
            for package in sorted(packages)
        },
    }


def main() -> None:
    """Train what is missing, print and write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("run")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--test", action="store_true", help="read the test split, too")
    parser.add_argument("--output", type=Path, default=RECORD)
    options = parser.parse_args()
    if options.seeds < 1:
        parser.error(f"--seeds {options.seeds} must be 1 or more")
    quiet()
    past = PastRun.open(options.run)
    folder = places.outputs() / "training_seeds" / past.folder.name
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder):
        trained = trained_again(past, prepared_as_then(past), options.seeds, folder)
        new = result_of(past, trained, folder, test=options.test)
    old = json.loads(options.output.read_text())["summary"] if options.output.exists() else {}
    write(record_of(old | {f"{new['experiment']}, seed {new['seed']}": new}), options.output)


if __name__ == "__main__":
    main()
