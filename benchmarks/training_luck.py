"""How much do two trainings of one design differ? On the cheap level of CIFAR-10.

The first of the random designs behind the floor are trained once more, from another seed.

- logits: standard deviation of the log-odds of the accuracy on the 5,000 confirm images between
  trainings of one design, half the mean square of the differences, with a 95 % interval
  (chi-squared). Two networks that are equally good differ by less on the same images than on
  others, so that counting images is part of it.
- points: the same in percent points of accuracy.

What was trained is kept under outputs/training_luck/, so that it goes on where it stopped.

    pip install -e '.[benchmarks]'
    python benchmarks/training_luck.py --data data
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"  # before torch: threads decide the last digits of weights
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
from campaign import Campaign, parser_of
from cheap_level import FLOOR
from cheap_world import CheapLevel
from scipy.stats import chi2
from search_methods import Row, quiet, versions, write

from gensynth.generators.seeding import seed_of
from gensynth.inquisitors.logit import to_logits
from gensynth.jobs import places
from gensynth.jobs.runs import alone
from gensynth.network.hardware import detect_device, processor_name
from gensynth.records import Candidate

RESULT = Path(__file__).parent / "results" / "training_luck.json"
SEED = 3 * 10**6


def trained_again(task: tuple[int, list[int], Path]) -> list[Row]:
    """Train one design from another seed."""
    number, design, folder = task
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder):
        world = CheapLevel("random", 0.0, folder)
        row = tuple(design)
        seed = seed_of(SEED, 0, number)
        world.train(Candidate(0, number, seed, row, world.space.digest(row)))
    return world.trained


def result_of(before: Sequence[float], after: Sequence[float]) -> dict[str, Any]:
    """Return the record.

    Args:
        before: (n,) accuracy, percent, of the first trainings.
        after: (n,) of the second ones.
    """
    n = len(before)
    pairs = np.array([before, after])
    variances = {
        "logits": float(np.mean(np.diff(to_logits(pairs), axis=0) ** 2) / 2),
        "points": float(np.mean(np.diff(pairs, axis=0) ** 2) / 2),
    }
    wide = n / chi2.ppf([0.975, 0.025], n)
    return {
        "claim": "two trainings of one design on CIFAR-10, 10,000 images, three epochs each",
        "summary": {
            unit: {
                "n": n,
                "deviation": round(variance**0.5, 4),
                "interval_95": [round(float(end), 4) for end in (variance * wide) ** 0.5],
            }
            for unit, variance in variances.items()
        },
        "accuracy_percent": {"first": list(before), "second": list(after)},
        "device": processor_name(detect_device()),
        "versions": versions("scipy"),
    }


def main() -> None:
    """Train what is missing, print and write the record."""
    parser = parser_of(__doc__)
    parser.add_argument("--designs", type=int, default=16)
    options = parser.parse_args()
    os.environ[places.DATA] = str(options.data.absolute())
    quiet()
    campaign = Campaign(options.workers, options.minutes)
    folder = places.outputs() / "training_luck"
    first = json.loads(FLOOR.read_text(encoding="utf-8"))["trained"][: options.designs]
    again: dict[tuple[int, ...], Row] = {}
    try:
        tasks = [(n, row["design"], folder / str(n)) for n, row in enumerate(first)]
        unfinished = campaign.run(
            trained_again, tasks, lambda rows: again.update({tuple(r["design"]): r for r in rows})
        )
    finally:
        campaign.close()
    if not unfinished:
        second = [again[tuple(row["design"])]["confirm"] for row in first]
        write(result_of([row["confirm"] for row in first], second), RESULT)
    raise SystemExit(1 if unfinished else 0)


if __name__ == "__main__":
    main()
