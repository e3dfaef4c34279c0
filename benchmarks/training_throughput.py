"""How many images a second does gensynth learn from? ResNet-20 on CIFAR-10, against two others.

- gensynth: `Training.fit`, as a synthesis uses it.
- by hand: the same network and the same arithmetic (whole-batch augmentation, one-cycle Nesterov
  SGD, gradient clipping) in a plain PyTorch loop.
- stock: Lightning with torchvision's data set and transforms in a DataLoader, with no and with two
  loader processes; the faster of the two counts.

All compute at the same precision, memory format, batch size and thread count, each in processes of
its own with the environment that its user has: gensynth's command sets up threads and memory. In
every repetition each trains for the same number of steps; time runs from the end of the warm-up
steps to the last step. Repetitions rotate the order; ratios are of the same repetition, the claim
is their median. Needs an idle machine: two threads that wait for each other on busy cores measure
other programs.

    GENSYNTH_DATA=data python benchmarks/training_throughput.py --repetitions 5 --steps 40
"""

import argparse
import json
import logging
import os
import platform
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from network_speed import ByHand, summary
from stock_lightning import Stock, photographs, stock_trainer
from torch import Tensor, nn
from torch.utils.data import DataLoader

from gensynth.data.cifar10 import FACTS, Cifar10
from gensynth.data.data_module import Contents, ImageData
from gensynth.data.partition import Partition
from gensynth.data.presence import present
from gensynth.data.shift import Shift
from gensynth.jobs.running import prepare_threads
from gensynth.network.graph_network import GraphNetwork, Output
from gensynth.network.hardware import detect_precision, keep_freed_memory, processor_name
from gensynth.prototypes.resnet import resnet
from gensynth.tasks.task import Batch, Quality, Task
from gensynth.training import Training

RESULT = Path(__file__).parent / "results" / "training_throughput.json"
BATCH, SHIFT, RATE, DECAY, CLIP, WARMUP = 128, 4, 0.2, 5e-4, 5.0, 0.2
Contender = Callable[[ImageData, "Clock", argparse.Namespace], None]


class Clock:
    """A loss that notes when it is asked; between two askings lies one whole step."""

    def __init__(self, warm_up: int) -> None:
        self.times: list[float] = []
        self.warm_up = warm_up

    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the cross-entropy."""
        self.times.append(time.perf_counter())
        return F.cross_entropy(logits.float(), targets)

    def images_per_second(self) -> float:
        """Return the throughput after the warm-up."""
        steps = len(self.times) - 1 - self.warm_up
        return BATCH * steps / (self.times[-1] - self.times[self.warm_up])


class Timed(Task):
    """Classification that asks the clock for its loss."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    quality = "accuracy"
    digest = "timed"

    def output_channels(self, classes: Sequence[str]) -> int:
        """Return one per class."""
        return len(classes)

    def loss(self, output: Output, targets: Any, teacher: Output | None) -> Tensor:  # noqa: ARG002
        """Return the cross-entropy."""
        assert isinstance(output, Tensor)
        return self.clock(output, targets)

    def measure(self, network: nn.Module, batches: Iterable[Batch]) -> Quality:
        """Nobody asks."""
        raise NotImplementedError


class Random(ImageData):
    """Random images in the shape of CIFAR-10, where the real ones are missing."""

    def read_training(self) -> Contents:
        """Return 43,000 images and more for the other splits."""
        rng = np.random.default_rng(0)
        images = rng.integers(0, 256, (50_000, 32, 32, 3), dtype=np.uint8)
        return Contents(images, np.arange(50_000) % 10, "random")

    def read_test(self) -> Contents:
        """Return nothing; nobody asks."""
        raise NotImplementedError

    def expected_test_images(self, training_images: int) -> int:
        """Return how many there would be."""
        return training_images // 5


def load(folder: str, images: int) -> ImageData:
    """Return CIFAR-10 if it lies in the folder, else random images, with so many to train on."""
    augmentation = Shift(shift=SHIFT, flip=True, border="reflect", seed=0)
    sizes = {"search_images": 2000, "confirm_images": 5000, "train_images": images}
    if present("cifar10", folder):
        return Cifar10(
            data_dir=folder, download=False, split_seed=0, augmentation=augmentation, **sizes
        )
    return Random(FACTS, partition=Partition(seed=0, **sizes), augmentation=augmentation)


def gensynth(data: ImageData, clock: Clock, options: argparse.Namespace) -> None:
    """Train as a synthesis does."""
    training = Training(
        short_epochs=1,
        long_epochs=1,
        prototype_epochs=1,
        batch_size=BATCH,
        learning_rate=RATE,
        warmup=WARMUP,
        momentum=0.9,
        weight_decay=DECAY,
        gradient_clip=CLIP,
        precision=options.precision,
        channels_last=True,
        inherit=False,
        progress=False,
    )
    task = Timed(clock)
    network = GraphNetwork(resnet((3, 32, 32), 10, depth=20, widths=(16, 32, 64)))
    training.fit(network, task, data, epochs=1, seed=0)


def by_hand(data: ImageData, clock: Clock, options: argparse.Namespace) -> None:
    """Train in a plain loop."""
    network = ByHand().train().to(memory_format=torch.channels_last)
    matrices = [weight for weight in network.parameters() if weight.ndim > 1]
    vectors = [weight for weight in network.parameters() if weight.ndim <= 1]
    optimizer = torch.optim.SGD(
        [{"params": matrices, "weight_decay": DECAY}, {"params": vectors, "weight_decay": 0.0}],
        lr=RATE,
        momentum=0.9,
        nesterov=True,
        fused=True,
    )
    images, targets = data.images("train")
    steps = len(targets) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, RATE, total_steps=steps, pct_start=WARMUP, cycle_momentum=False
    )
    for x, y in hand_made_batches(images, targets):
        with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bfloat16"):
            loss = clock(network(x), y)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), CLIP)
        optimizer.step()
        schedule.step()


def hand_made_batches(images: Tensor, targets: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield shifted, mirrored, normalised channels-last batches of one epoch."""
    padded = F.pad(images.float(), (SHIFT,) * 4, mode="reflect").byte().permute(0, 2, 3, 1)
    padded = padded.contiguous()
    mean, deviation = (255 * torch.tensor(values) for values in (FACTS.mean, FACTS.std))
    pixels = torch.arange(32)
    for chosen in torch.randperm(len(targets)).split(BATCH):  # type: ignore[no-untyped-call]
        top, left = torch.randint(0, 2 * SHIFT + 1, (2, len(chosen), 1))
        rows, columns = (top + pixels)[:, :, None], (left + pixels)[:, None, :]
        crops = padded[chosen[:, None, None], rows, columns]
        mirror = torch.rand(len(chosen)) < 0.5
        crops = torch.where(mirror.view(-1, 1, 1, 1), crops.flip(2), crops)
        yield ((crops.float() - mean) / deviation).permute(0, 3, 1, 2), targets[chosen]


def stock(workers: int) -> Contender:
    """Return a function that trains with so many loader processes."""

    def train(data: ImageData, clock: Clock, options: argparse.Namespace) -> None:
        loader = DataLoader(
            photographs(options.data, data.counts["train"], shift=SHIFT),
            batch_size=BATCH,
            shuffle=True,
            drop_last=True,
            num_workers=workers,
        )
        module = Stock(
            ByHand(), clock, steps=len(loader), rate=RATE, decay=DECAY, warmup=WARMUP
        ).train()
        stock_trainer(options.precision, CLIP).fit(module, loader)

    return train


CONTENDERS: dict[str, Contender] = {
    "gensynth": gensynth,
    "by_hand": by_hand,
    "stock_no_workers": stock(0),
    "stock_two_workers": stock(2),
}


def measure(options: argparse.Namespace) -> dict[str, list[float]]:
    """Return images per second of every contender, repetition by repetition."""
    found: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    names = list(CONTENDERS)
    for repetition in range(options.repetitions):
        turn = repetition % len(names)
        for name in names[turn:] + names[:turn]:
            found[name].append(in_a_process(name))
            print(f"{repetition + 1}/{options.repetitions} {name}: {found[name][-1]:.0f} images/s")
    return found


def in_a_process(name: str) -> float:
    """Return images per second of a contender in a process of its own.

    The environment is the one its user has: gensynth's command sets up threads and memory.
    """
    environment = dict(os.environ)
    if name == "gensynth":
        prepare_threads(environment)
    command = [sys.executable, *sys.argv, "--contender", name]
    done = subprocess.run(  # noqa: S603 - this very script
        command, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return float(done.stdout.split()[-1])


def contend(options: argparse.Namespace) -> float:
    """Return images per second of the one contender that was named, in this process."""
    if options.contender == "gensynth":
        keep_freed_memory()
    clock = Clock(options.warm_up)
    CONTENDERS[options.contender](data_of(options), clock, options)
    return clock.images_per_second()


def data_of(options: argparse.Namespace) -> ImageData:
    """Return the images that are trained on."""
    data = load(options.data, BATCH * (options.steps + options.warm_up + 1))
    data.setup()
    return data


def record(found: dict[str, list[float]], data: ImageData, options: argparse.Namespace) -> Any:
    """Return the result as JSON values."""
    pairs = zip(found["stock_no_workers"], found["stock_two_workers"], strict=True)
    better = [max(pair) for pair in pairs]
    others = {"by_hand": found["by_hand"], "stock": better}
    ratios = {
        name: summary([a / b for a, b in zip(found["gensynth"], rates, strict=True)])
        for name, rates in others.items()
    }
    return {
        "claim": "training throughput of ResNet-20, images per second: gensynth / others, paired",
        "ratios": ratios,
        "images_per_second": {name: summary(rates) for name, rates in found.items()},
        "runs": found,
        "settings": {
            "data": data.name if isinstance(data, Cifar10) else "random images, 3 x 32 x 32",
            "batch_size": BATCH,
            "channels_last": True,
            "precision": options.precision,
            "threads": options.threads,
            "steps": options.steps,
            "warm_up": options.warm_up,
        },
        "device": processor_name(torch.device("cpu")),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg(),
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "torchvision": version("torchvision"),
            "pytorch_lightning": version("pytorch-lightning"),
        },
    }


def main() -> None:
    """Measure, print and write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--repetitions", type=int, default=5, help="2 or more")
    parser.add_argument("--steps", type=int, default=40, help="that count, per repetition")
    parser.add_argument("--warm-up", type=int, default=5, help="steps before them")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument(
        "--precision", choices=["float32", "bfloat16"], default=detect_precision("cpu")
    )
    parser.add_argument("--data", default=os.environ.get("GENSYNTH_DATA", "data"))
    parser.add_argument("--output", type=Path, default=RESULT)
    parser.add_argument("--contender", choices=list(CONTENDERS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.repetitions < 2:
        parser.error(f"--repetitions {options.repetitions}: 2 or more, for there is a spread")
    torch.set_num_threads(options.threads)
    warnings.simplefilter("ignore")  # the stock set-up warns of having few workers
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    if options.contender:
        print(contend(options))
        return
    result = record(measure(options), data_of(options), options)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps({key: result[key] for key in ("ratios", "images_per_second")}, indent=2))


if __name__ == "__main__":
    main()
