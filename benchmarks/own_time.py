"""What does gensynth's own thinking cost? Each part against one training step of ResNet-20.

- seeds: the numbers of 4,096 seeds for 40 choices.
- judging: 4,096 designs, by an inquisitor that has seen 100 trainings on digits.
- reading: usable information and channel order at every place of ResNet-20, 1,000 images.
- help: `gensynth --help`, against a process that imports Hydra and does nothing.

Part and measure follow each other, in alternating order; the claim is the median of the paired
ratios. A step has a batch of 128; everything has one thread, so that none waits for another.

    python benchmarks/own_time.py --pairs 7
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from digits_world import IMAGES, DigitsWorld
from network_speed import Stepper, summary
from search_methods import Z, inquisitor_of, required
from threadpoolctl import threadpool_limits

from gensynth.confirmation import Confirmation
from gensynth.evaluation import CONFIRM, Job
from gensynth.generators.seeding import uniforms
from gensynth.inquisitors.places import places
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.hardware import processor_name
from gensynth.prototypes.resnet import resnet
from gensynth.records import Candidate
from gensynth_plugins.mutual_info.channel_order import channel_order
from gensynth_plugins.mutual_info.usable_information import usable_information_bits

RESULT = Path(__file__).parent / "results" / "own_time.json"
DESIGNS, TRAININGS, STIMULI, BATCH = 4096, 100, 1000, 128
HELP = "import sys; sys.argv = ['gensynth', '--help']; from gensynth.jobs.entry import main; main()"
HYDRA = "import hydra, omegaconf"
Seconds = Callable[[], float]


def timed(work: Callable[[], Any]) -> Seconds:
    """Return a function that does the work and says how many seconds it took."""

    def seconds() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return seconds


def judging() -> Callable[[], Any]:
    """Return the judging of random designs by an inquisitor that has been taught."""
    world, rng = DigitsWorld(), np.random.default_rng(0)
    options = world.space.options_per_choice
    own = world.space.prototype_design
    (prototype,) = world.evaluate([Job(Candidate(-1, 0, 0, own, ""), "long", CONFIRM)], 0)
    confirmation = Confirmation(
        required(96.0, prototype),
        prototype,
        IMAGES["confirm"],
        IMAGES["test"],
        Z,
        frozenset(["accuracy"]),
    )
    inquisitor = inquisitor_of(
        "blind", world, confirmation.requirements, confirmation.expected_slack()
    )
    inquisitor.observe(prototype, ())
    for i, row in enumerate(rng.integers(0, options, (TRAININGS, len(options))).tolist()):
        job = Job(Candidate(0, i, i, tuple(row), ""), "short", "search")
        (seen,) = world.evaluate([job], 0)
        inquisitor.observe(seen, ())
    return partial(inquisitor.judge, rng.integers(0, options, (DESIGNS, len(options))))


def reading() -> None:
    """Read responses with ten classes at every place of ResNet-20."""
    graph = resnet((3, 32, 32), 10, depth=20, widths=(16, 32, 64))
    rng = np.random.default_rng(0)
    classes = np.arange(STIMULI) % 10
    features = rng.normal(size=(STIMULI, 64)) + rng.normal(size=(10, 64))[classes]
    for place in places(graph):
        part = features[:, : graph.shapes[place][0]]
        usable_information_bits(part, classes, folds=5, shrinkage=0.05, rng=rng)
        channel_order(part, classes, shrinkage=0.05)


def step() -> Seconds:
    """Return a training step of ResNet-20 on a batch of made images."""
    rng = torch.Generator().manual_seed(0)
    network = GraphNetwork(resnet((3, 32, 32), 10, depth=20, widths=(16, 32, 64)), rng)
    images = torch.randn(BATCH, 3, 32, 32, generator=rng)
    targets = torch.randint(10, (BATCH,), generator=rng)
    return Stepper(network, (images, targets), "float32").seconds


def python(code: str) -> None:
    """Run code in a process of its own."""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)  # noqa: S603 - ours


def ratios(part: Seconds, measure: Seconds, pairs: int) -> dict[str, Any]:
    """Return the paired ratios and both times in seconds, after a warm-up of one pair."""
    found = []
    for index in range(pairs + 1):
        pair = (part(), measure()) if index % 2 else (measure(), part())[::-1]
        found.append(pair)
    return {
        "ratio": summary([a / b for a, b in found[1:]]),
        "seconds": summary([a for a, _ in found[1:]]),
        "measure_seconds": summary([b for _, b in found[1:]]),
    }


def main() -> None:
    """Measure every part, print and write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=7, help="that count; 2 or more")
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    torch.set_num_threads(1)
    training_step, hydra = step(), timed(partial(python, HYDRA))
    parts = {
        "seeds": (timed(lambda: uniforms(range(DESIGNS), 40)), training_step),
        "judging": (timed(judging()), training_step),
        "reading": (timed(reading), training_step),
        "help": (timed(partial(python, HELP)), hydra),
    }
    with threadpool_limits(1):
        found = {name: ratios(*pair, options.pairs) for name, pair in parts.items()}
    record = {
        "claim": "own work / training step of ResNet-20, batch 128, one thread, float32; help / a"
        " process that imports Hydra",
        "parts": found,
        "device": processor_name(torch.device("cpu")),
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(record, indent=2) + "\n")
    print(json.dumps(record, indent=2))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
