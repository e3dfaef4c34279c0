"""Does GraphNetwork train as fast as the same ResNet-20 written by hand? Pairs of steps.

One step is forward, cross-entropy, backward and SGD on one batch. Steps of the two networks
alternate, and the order within a pair alternates too, so that both meet the same load; the claim is
the median of the paired ratios (GraphNetwork / by hand), with its interquartile range.

    python benchmarks/network_speed.py --pairs 40 --precision bfloat16
"""

import argparse
import json
import platform
import statistics
import time
from itertools import pairwise
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gensynth.network.graph_network import GraphNetwork
from gensynth.network.hardware import detect_device, detect_precision, processor_name
from gensynth.prototypes.resnet import resnet

RESULT = Path(__file__).parent / "results" / "network_speed.json"


class Block(nn.Module):
    """A residual block with the parameter-free shortcut of He et al. 2016, 4.2."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.stride = stride
        self.growth = outputs - inputs

    def forward(self, value: Tensor) -> Tensor:
        """Return the block's output."""
        inner = F.relu(self.norm1(self.conv1(value)))
        inner = self.norm2(self.conv2(inner))
        if self.growth:
            value = value[:, :, :: self.stride, :: self.stride]
            value = F.pad(value, (0, 0, 0, 0, 0, self.growth))
        return F.relu(inner + value)


class ByHand(nn.Module):
    """ResNet-20 for 32 x 32 images, as one writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(16)
        widths = [16, *(width for width in (16, 32, 64) for _ in range(3))]
        pairs = pairwise(widths)
        self.blocks = nn.Sequential(*(Block(a, b, 1 if a == b else 2) for a, b in pairs))
        self.classifier = nn.Linear(64, 10)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits."""
        value = self.blocks(F.relu(self.norm(self.conv(images))))
        logits: Tensor = self.classifier(F.adaptive_avg_pool2d(value, 1).flatten(1))
        return logits


class Stepper:
    """Trains one network on one batch over and over, and times each step in seconds."""

    def __init__(self, network: nn.Module, batch: tuple[Tensor, Tensor], precision: str) -> None:
        self.network = network
        self.images, self.targets = batch
        self.bfloat16 = precision == "bfloat16"
        self.optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)

    def loss(self) -> Tensor:
        """Return the cross-entropy of the batch."""
        kind = self.images.device.type
        with torch.autocast(kind, torch.bfloat16, enabled=self.bfloat16):
            return F.cross_entropy(self.network(self.images), self.targets)

    def seconds(self) -> float:
        """Train for one step and return how long it took."""
        synchronise(self.images.device)
        start = time.perf_counter()
        self.optimizer.zero_grad()
        self.loss().backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        synchronise(self.images.device)
        return time.perf_counter() - start


def synchronise(device: torch.device) -> None:
    """Wait for a CUDA device; the CPU is never ahead."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def build(options: argparse.Namespace, device: torch.device) -> tuple[Stepper, Stepper]:
    """Return steppers for GraphNetwork and the one by hand, with equal weights and batch."""
    rng = torch.Generator().manual_seed(0)
    graph = resnet((3, 32, 32), 10, depth=20, widths=(16, 32, 64))
    layout = torch.channels_last if options.channels_last else torch.contiguous_format
    ours, theirs = GraphNetwork(graph, rng), ByHand()
    values = list(ours.state_dict().values())
    theirs.load_state_dict(dict(zip(theirs.state_dict(), values, strict=True)))
    images = torch.randn(options.batch_size, 3, 32, 32, generator=rng)
    targets = torch.randint(10, (options.batch_size,), generator=rng)
    batch = (images.to(device, memory_format=layout), targets.to(device))
    networks = (network.to(device).to(memory_format=layout) for network in (ours, theirs))
    first, second = (Stepper(network, batch, options.precision) for network in networks)
    torch.testing.assert_close(first.loss(), second.loss())
    return first, second


def measure(ours: Stepper, theirs: Stepper, pairs: int) -> list[tuple[float, float]]:
    """Return (ours, theirs) seconds of every pair, after a warm-up of three pairs."""
    found = []
    for index in range(pairs + 3):
        if index % 2:
            pair = (ours.seconds(), theirs.seconds())
        else:
            pair = (theirs.seconds(), ours.seconds())[::-1]
        found.append(pair)
    return found[3:]


def summary(values: list[float]) -> dict[str, float]:
    """Return n, median and quartiles."""
    low, middle, high = statistics.quantiles(values, n=4)
    return {"n": len(values), "median": middle, "quartile_1": low, "quartile_3": high}


def main() -> None:
    """Measure, print the ratio, and write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    device = detect_device()
    parser.add_argument("--pairs", type=int, default=40, help="pairs of steps that count")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument(
        "--precision", choices=["float32", "bfloat16"], default=detect_precision(device)
    )
    parser.add_argument("--channels-last", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    times = measure(*build(options, device), options.pairs)
    record = {
        "claim": "training step of ResNet-20: GraphNetwork / by hand, paired ratio",
        "ratio": summary([ours / theirs for ours, theirs in times]),
        "graph_network_seconds": summary([ours for ours, _ in times]),
        "by_hand_seconds": summary([theirs for _, theirs in times]),
        "settings": {
            "batch_size": options.batch_size,
            "channels_last": options.channels_last,
            "precision": options.precision,
            "threads": options.threads,
        },
        "device": processor_name(device),
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(record, indent=2) + "\n")
    print(json.dumps(record, indent=2))


if __name__ == "__main__":
    main()
