"""Do short trainings tell which networks win in the long run? On CIFAR-10, over all operations.

Designs of ResNet-20's space, as many of every operation as of any other (all its blocks have it)
and one with operations as they are drawn, are trained from scratch at both fidelities of
data=cifar10 on a fixed 10,000 images and read on the 5,000 confirm images.

- rank_correlation: Spearman's, of short and long accuracies; its interval is a bootstrap over
  designs.
- offsets: by how many logits the designs of an operation are better in the long run than the mean
  operation's with the same short accuracy: lines of one slope, one for each operation, fitted
  together. Beyond two standard errors, ranking by short trainings is unfair to somebody.

What was trained is kept under outputs/fidelity_check/, so that the check goes on where it stopped.

    pip install -e '.[benchmarks]'
    python benchmarks/fidelity_check.py --data data
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"  # before torch: threads decide the last digits of weights
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
from campaign import Campaign, parser_of
from cheap_world import CheapLevel
from numpy.typing import NDArray
from scipy.stats import spearmanr
from search_methods import Row, quiet, versions, write

from gensynth.design.space import DesignSpace
from gensynth.errors import CandidatesFailed
from gensynth.generators.seeding import seed_of
from gensynth.inquisitors.logit import to_logits
from gensynth.jobs import places
from gensynth.jobs.runs import alone
from gensynth.network.hardware import detect_device, processor_name
from gensynth.records import Candidate

RESULT = Path(__file__).parent / "results" / "fidelity_check.json"
EPOCHS = {"short": 3, "long": 20}
"""Those of data=cifar10."""
OVERRIDES = [f"training.{fidelity}_epochs={epochs}" for fidelity, epochs in EPOCHS.items()]
MIXED = "mixed"
RESAMPLES = 2000
Values = NDArray[np.float64]
SEED = 2 * 10**6


def trained(task: tuple[int, int, Path]) -> Row:
    """Train one design at both fidelities."""
    number, count, folder = task
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder):
        world = CheapLevel("random", 0.0, folder, OVERRIDES)
        family = families(world.space, count)[number]
        seed = seed_of(SEED, 0, number)
        design = of_family(world.space, world.generator().generate([seed])[0].tolist(), family)
        candidate = Candidate(0, number, seed, design, world.space.digest(design))
        found = {fidelity: world.confirmed(candidate, fidelity) for fidelity in ("short", "long")}
    causes = [one.cause for one in found.values() if one.status == "failed"]
    if causes:
        raise CandidatesFailed(f"{folder}, {family}: {causes[0]}")
    row: Row = {"family": family, "design": list(design)}
    for fidelity, one in found.items():
        row[fidelity] = one.measurements["accuracy"]
        row[f"{fidelity}_seconds"] = round(one.seconds, 1)
    return row | {name: found["long"].measurements[name] for name in ("parameters", "macs")}


def families(space: DesignSpace, count: int) -> list[str]:
    """Return which operation each of `count` designs has; the last one's are mixed."""
    (operations,) = {choice.options for choice in space.choices if choice.kind == "operation"}
    return [str(operations[number % len(operations)]) for number in range(count - 1)] + [MIXED]


def of_family(space: DesignSpace, design: list[int], family: str) -> tuple[int, ...]:
    """Return a design all of whose blocks have one operation, or as it is when mixed."""
    for place, choice in enumerate(space.choices):
        if choice.kind == "operation" and family != MIXED:
            design[place] = [str(option) for option in choice.options].index(family)
    return tuple(int(option) for option in space.repair(np.array([design]))[0])


def result_of(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the record."""
    short, long = (to_logits(np.array([row[f] for row in rows])) for f in EPOCHS)
    rng = np.random.default_rng(0)
    drawn = [rng.integers(len(rows), size=len(rows)) for _ in range(RESAMPLES)]
    correlations = [spearmanr(short[one], long[one])[0] for one in drawn]
    return {
        "claim": "short against long trainings on CIFAR-10, 10,000 images",
        "summary": {
            "n": len(rows),
            "rank_correlation": round(float(spearmanr(short, long)[0]), 4),
            "interval_95": [
                round(float(one), 4) for one in np.nanpercentile(correlations, [2.5, 97.5])
            ],
            "offsets": offsets([str(row["family"]) for row in rows], short, long),
        },
        "settings": {"epochs": EPOCHS, "train_images": 10_000},
        "device": processor_name(detect_device()),
        "versions": versions("scipy"),
        "trained": list(rows),
    }


def offsets(found: Sequence[str], short: Values, long: Values) -> dict[str, Row]:
    """Return each family's offset from the mean family, logits, with its standard error.

    Args:
        found: (n,) family of each design; each has two at least, but for the mixed one.
        short: (n,) logits after short trainings.
        long: (n,) after long ones.
    """
    names = list(dict.fromkeys(found))
    columns = np.column_stack([*[np.array(found) == name for name in names], short]).astype(float)
    effects = np.linalg.lstsq(columns, long, rcond=None)[0]
    missed = long - columns @ effects
    variance = float(missed @ missed) / (len(long) - columns.shape[1])
    contrasts = np.eye(len(names), columns.shape[1])
    contrasts[:, : len(names)] -= 1 / len(names)
    errors = np.sqrt(np.diag(contrasts @ np.linalg.inv(columns.T @ columns) @ contrasts.T))
    return {
        name: {
            "n": found.count(name),
            "logits": round(float(effect), 4),
            "standard_error": round(float(error * variance**0.5), 4),
        }
        for name, effect, error in zip(names, contrasts @ effects, errors, strict=True)
    }


def main() -> None:
    """Train what is missing, print and write the record."""
    parser = parser_of(__doc__)
    parser.add_argument("--designs", type=int, default=16, help="some of each, and the mixed one")
    options = parser.parse_args()
    os.environ[places.DATA] = str(options.data.absolute())
    quiet()
    campaign = Campaign(options.workers, options.minutes)
    folder = places.outputs() / "fidelity_check"
    rows: list[Row] = []
    try:
        tasks = [(n, options.designs, folder / str(n)) for n in range(options.designs)]
        unfinished = campaign.run(trained, tasks, rows.append)
    finally:
        campaign.close()
    if not unfinished:
        write(result_of(sorted(rows, key=lambda row: (row["family"], row["design"]))), RESULT)
    raise SystemExit(1 if unfinished else 0)


if __name__ == "__main__":
    main()
