"""Which recipe suits small networks on CIFAR-10? One setting is changed at a time.

The best passing designs behind the floor of cheap_level.py, so small networks, are trained on all
training images and read on the 5,000 confirm images, from the same seed in every variant. Few
epochs: what is compared is how well a small network learns, not how it would overfit.

- logits: by how much a variant is better than the configured recipe, in log-odds of the accuracy,
  mean over designs, paired. Two trainings of one design differ as well (training_luck.py).

The prototype, which teaches, is one trained on all images:

    gensynth prototype experiment=cifar10
    python benchmarks/recipe_check.py --data data --prototype outputs/runs/RUN/prototype.safetensors

What was trained is kept under outputs/recipe_check/, so that the check goes on where it stopped.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"  # before torch: threads decide the last digits of weights
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
from campaign import Campaign, parser_of
from cheap_level import FLOOR
from cheap_world import CheapLevel
from search_methods import Row, quiet, spread, versions, write

from gensynth.errors import CandidatesFailed
from gensynth.generators.seeding import seed_of
from gensynth.inquisitors.logit import to_logits
from gensynth.jobs import places
from gensynth.jobs.runs import alone
from gensynth.network.hardware import detect_device, processor_name
from gensynth.performance.net_score import NetScore
from gensynth.records import Candidate

RESULT = Path(__file__).parent / "results" / "recipe_check.json"
CONFIGURED = "as configured"
VARIANTS: dict[str, list[str]] = {
    CONFIGURED: [],
    "weight decay 1e-4": ["training.weight_decay=1e-4"],
    "weight decay 2e-5": ["training.weight_decay=2e-5"],
    "learning rate 0.1": ["training.learning_rate=0.1"],
    "learning rate 0.4": ["training.learning_rate=0.4"],
    "batches of 64": ["training.batch_size=64", "training.learning_rate=0.1"],
    "no teacher": ["task.distillation_weight=0"],
    "teacher's share 0.9": ["task.distillation_weight=0.9"],
    "temperature 2": ["task.temperature=2"],
    "label smoothing 0.1": ["task.label_smoothing=0.1"],
    "no shifts": ["data.augmentation.shift=0"],
}
SEED = 4 * 10**6


def trained(task: tuple[str, int, list[int], int, Path, Path]) -> Row:
    """Train one design by one variant of the recipe."""
    variant, number, design, epochs, prototype, folder = task
    folder.mkdir(parents=True, exist_ok=True)
    overrides = [
        "data.train_images=null",
        f"training.long_epochs={epochs}",
        f"prototype_checkpoint={prototype}",
        *VARIANTS[variant],
    ]
    with alone(folder):
        world = CheapLevel("random", 0.0, folder, overrides)
        row = tuple(design)
        candidate = Candidate(0, number, seed_of(SEED, 0, number), row, world.space.digest(row))
        found = world.confirmed(candidate, "long")
    if found.status == "failed":
        raise CandidatesFailed(f"{folder}, {variant}: {found.cause}")
    return {
        "variant": variant,
        "design": number,
        **{name: found.measurements[name] for name in ("accuracy", "parameters", "macs")},
        "seconds": round(found.seconds, 1),
    }


def small_designs(count: int) -> list[list[int]]:
    """Return the designs with the best NetScore of those that reach the floor."""
    kept = json.loads(FLOOR.read_text(encoding="utf-8"))
    score = NetScore(quality="accuracy", alpha=2.0, beta=0.5, gamma=0.5).score
    passing = [row for row in kept["trained"] if row["confirm"] >= kept["floor_percent"]]
    passing.sort(key=lambda row: -float(score({**row, "accuracy": row["confirm"]})))
    return [row["design"] for row in passing[:count]]


def summary(rows: Sequence[Row]) -> dict[str, Row]:
    """Return each variant's mean accuracy and lead over the configured recipe."""
    found: dict[str, dict[int, float]] = {}
    for row in rows:
        found.setdefault(row["variant"], {})[row["design"]] = row["accuracy"]
    return {variant: compared(found[variant], found[CONFIGURED]) for variant in VARIANTS}


def compared(found: Mapping[int, float], configured: Mapping[int, float]) -> Row:
    """Return mean accuracy and how much better, in logits, the same designs have become."""
    pairs = np.array([[found[design], configured[design]] for design in sorted(found)])
    logits = to_logits(pairs)
    return {
        "n": len(pairs),
        "accuracy": spread(pairs[:, 0].tolist()),
        "logits": spread((logits[:, 0] - logits[:, 1]).tolist()),
    }


def result_of(rows: Sequence[Row], epochs: int) -> dict[str, Any]:
    """Return the record."""
    return {
        "claim": "variants of the recipe on CIFAR-10, all training images",
        "summary": summary(rows),
        "settings": {"epochs": epochs, "variants": VARIANTS},
        "device": processor_name(detect_device()),
        "versions": versions(),
        "trained": list(rows),
    }


def main() -> None:
    """Train what is missing, print and write the record."""
    parser = parser_of(__doc__)
    parser.add_argument("--prototype", type=Path, required=True)
    parser.add_argument("--designs", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=6)
    options = parser.parse_args()
    os.environ[places.DATA] = str(options.data.absolute())
    quiet()
    campaign = Campaign(options.workers, options.minutes)
    folder = places.outputs() / "recipe_check"
    prototype, epochs = options.prototype.absolute(), options.epochs
    rows: list[Row] = []
    try:
        tasks = [
            (variant, n, design, epochs, prototype, folder / f"{variant.replace(' ', '-')}-{n}")
            for n, design in enumerate(small_designs(options.designs))
            for variant in VARIANTS
        ]
        unfinished = campaign.run(trained, tasks, rows.append)
    finally:
        campaign.close()
    if not unfinished:
        order = list(VARIANTS)
        rows.sort(key=lambda row: (order.index(row["variant"]), row["design"]))
        write(result_of(rows, epochs), RESULT)
    raise SystemExit(1 if unfinished else 0)


if __name__ == "__main__":
    main()
