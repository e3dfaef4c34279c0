"""Networks with weights that nobody's defaults are, and what is written of one of them."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from gensynth.export import Exported, export_network
from gensynth.export.agreement import Agreement
from gensynth.export.facts import Facts
from gensynth.export.file_quality import FileQuality
from gensynth.graph.graph import Graph, vertex
from gensynth.network.graph_network import GraphNetwork
from gensynth.report.result_table import Row
from gensynth.requirements import ResolvedBound

DATA = {"name": "made", "classes": ["a", "b"], "mean": [0.5, 0.4, 0.3], "std": [0.2, 0.2, 0.1]}


def build(graph: Graph, seed: int = 0) -> GraphNetwork:
    """Build a network in evaluation mode; norms have statistics, weights and biases of their own.

    Heads and last norms begin with weights near zero: those are drawn anew as well.
    """
    rng = torch.Generator().manual_seed(seed)
    network = GraphNetwork(graph, rng).eval()
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if tensor.ndim == 1:
                low = 0.5 if name.endswith("running_var") else -0.5
                tensor.uniform_(low, low + 1.5, generator=rng)
            elif tensor.ndim > 1 and tensor.std() < 0.02:
                tensor.normal_(0, 0.3, generator=rng)
    return network


def draw(graph: Graph, count: int, seed: int = 1) -> Tensor:
    return torch.randn(count, *graph.input_shape, generator=torch.Generator().manual_seed(seed))


def two_outputs() -> Graph:
    """A detector of two classes, as small as they come."""
    return Graph(
        (
            vertex("input", "input", channels=3, height=9, width=7),
            vertex("stem", "conv", ["input"], channels=6, kernel=3, stride=2),
            vertex("norm", "batch_norm", ["stem"]),
            vertex("relu", "relu", ["norm"]),
            vertex("sure", "conv", ["relu"], channels=2, kernel=1, bias=True),
            vertex("coverage", "sigmoid", ["sure"]),
            vertex("corners", "conv", ["relu"], channels=4, kernel=1, bias=True),
        ),
        (),
        (("coverage", "coverage"), ("boxes", "corners")),
    )


@dataclass(frozen=True)
class Case:
    """What was exported, of what, and the images it was compared on."""

    network: GraphNetwork
    images: Tensor
    exported: Exported

    def path(self, name: str) -> Path:
        return self.exported.folder / name


@pytest.fixture(scope="session")
def lively() -> Callable[..., GraphNetwork]:
    return build


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Tensor]:
    return draw


@pytest.fixture(scope="session")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A network with two outputs and everything that is written of one; look, but do not write."""
    graph = two_outputs()
    network, images = build(graph).train(), draw(graph, 11)
    folder = tmp_path_factory.mktemp("exported") / "detector"
    calibration = draw(graph, 9, seed=2)
    metadata = {"data": DATA, "trained": True}
    exported = export_network(
        network, images, folder, opset=20, calibration=calibration, metadata=metadata
    )
    return Case(network, images, exported)


@pytest.fixture(scope="session")
def facts(detector: Case) -> Facts:
    """What could be known of the detector; nothing of it was measured."""
    row = Row(
        "c01-2-abcdef01",
        "confirm",
        {"ap_50": 55.0, "macs": 56789.0},
        {},
        {"ap_50": 5.0, "macs": 100.0},
        intervals={"ap_50": (50.0, 60.0)},
    )
    float32 = Row("network.onnx", "confirm", {"ap_50": 55.0}, {}, {}, intervals=row.intervals)
    int8 = Row("network.int8.onnx", "confirm", {"ap_50": 51.0}, {"ap_50": 1.0}, {})
    return Facts(
        name="c01-2-abcdef01",
        trained=True,
        task="detection",
        reading="read them from left to right",
        data={
            **DATA,
            "licence": "ask Ada",
            "preparation": "cut out by hand",
            "counts": {"train": 5, "confirm": 6},
        },
        parameters=1234,
        macs=56789,
        rows=(row,),
        bounds=(
            ResolvedBound("ap_50", "at_least", 50.0, relative=False),
            ResolvedBound("macs", "at_most", 56889.0, relative=True),
        ),
        exported=detector.exported,
        qualities=(
            FileQuality(float32, {}, {}),
            FileQuality(int8, {"ap_50": 4.0}, {"ap_50": 0.5}),
        ),
        origin={"synthesis": "a|run", "run_seed": 3},
        design={"stem.width": 4, "depth": 2},
    )


@pytest.fixture(scope="session")
def missing() -> Callable[[Facts], Facts]:
    """Make facts of which one file computes something else."""

    def miss(facts: Facts) -> Facts:
        files = [
            replace(file, agreement=Agreement(11, 0.5, math.nan)) if file.agreement else file
            for file in facts.exported.files
        ]
        return replace(facts, exported=replace(facts.exported, files=tuple(files)))

    return miss
