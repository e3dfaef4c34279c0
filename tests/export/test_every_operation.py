"""Whatever a graph may hold is exported: each operation, each prototype, each region operation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from gensynth.design.rewrite import REGION_OPERATIONS
from gensynth.design.space import derive
from gensynth.export import export_network
from gensynth.export.agreement import BAR
from gensynth.export.onnx_network import OnnxNetwork
from gensynth.export.program import read_program
from gensynth.graph.graph import Graph, Vertex, vertex
from gensynth.graph.operations import OPERATIONS
from gensynth.network.graph_network import GraphNetwork, evaluating
from gensynth.prototypes.detectnet import detectnet
from gensynth.prototypes.refinenet import refinenet
from gensynth.prototypes.resnet import resnet

INPUT = vertex("input", "input", channels=6, height=9, width=7)  # odd sides
HALF = vertex("halved", "conv", ["input"], channels=6, kernel=3, stride=2)
MEAN = vertex("mean", "global_avg_pool", ["input"])
FLAT = vertex("flat", "flatten", ["mean"])
SHARED = (INPUT, HALF, MEAN, FLAT)


def cases() -> dict[str, tuple[Vertex, ...]]:
    """Return vertices by case; the last one's value is an output of that name."""

    def one(operation: str, *sources: str, name: str = "", **attributes: Any) -> tuple[Vertex, ...]:
        inputs = sources or ("input",)
        return (vertex(name or operation, operation, inputs, **attributes),)

    activations = ("relu", "relu6", "hard_swish", "sigmoid", "hard_sigmoid")
    found = {name: one(name) for name in (*activations, "batch_norm", "local_response_norm")}
    found |= {
        "conv": one("conv", channels=5, kernel=3, bias=True),
        "conv_strided": one("conv", name="conv_strided", channels=5, kernel=5, stride=2),
        "depthwise": one("depthwise", kernel=3, bias=True),
        "depthwise_strided": one("depthwise", name="depthwise_strided", kernel=5, stride=2),
        "linear": one("linear", "flat", features=4),
        "dropout": one("dropout", rate=0.5),
        "add": one("add", "input", "input", "input"),
        "multiply": one("multiply", "halved", "halved"),
        "multiply_gate": one("multiply", "input", "mean", name="multiply_gate"),
        "concat": one("concat", "halved", "halved"),
        "max_pool": one("max_pool", kernel=3, stride=2),
        "avg_pool": one("avg_pool", kernel=3, stride=2),
        "avg_pool_wide": one("avg_pool", name="avg_pool_wide", kernel=5, stride=1),
        "global_avg_pool": one("global_avg_pool", "halved"),
        "flatten": (*one("global_avg_pool", name="flatten_pool"), *one("flatten", "flatten_pool")),
        "shortcut_grows": one("shortcut", name="shortcut_grows", channels=8, stride=2),
        "shortcut_cuts": one("shortcut", name="shortcut_cuts", channels=3, stride=2),
        "shortcut": one("shortcut", channels=6, stride=1),
        "upsample": one("upsample", "halved", "input"),
        "downsample": one("upsample", "input", "halved", name="downsample"),
        "chained_pooling": (
            *one("max_pool", name="chain1", kernel=5, stride=1),
            *one("max_pool", "chain1", name="chain2", kernel=5, stride=1),
            *one("add", "input", "chain1", "chain2", name="chained_pooling"),
        ),
        "squeeze_excite": (
            *one("conv", "mean", name="squeeze", channels=2, kernel=1, bias=True),
            *one("relu", "squeeze", name="squeezed"),
            *one("conv", "squeezed", name="excite", channels=6, kernel=1, bias=True),
            *one("hard_sigmoid", "excite", name="gate"),
            *one("multiply", "input", "gate", name="squeeze_excite"),
        ),
    }
    return found


CASES = cases()


@dataclass(frozen=True)
class Answers:
    """What PyTorch, the program, the ONNX file and the int8 file answer, by output."""

    torch: Mapping[str, Tensor]
    program: Mapping[str, Tensor]
    onnx: Mapping[str, Tensor]
    int8: Mapping[str, Tensor]


@pytest.fixture(scope="module")
def answers(
    lively: Callable[..., GraphNetwork],
    drawn: Callable[..., Tensor],
    tmp_path_factory: pytest.TempPathFactory,
) -> Answers:
    """All cases side by side in one network: writing a file takes seconds."""
    vertices = (*SHARED, *(v for each in CASES.values() for v in each))
    network = lively(Graph(vertices, (), tuple((name, name) for name in CASES)))
    images = drawn(network.graph, 11)
    folder = tmp_path_factory.mktemp("operations") / "all"
    export_network(network, images, folder, calibration=images)
    with evaluating(network):
        return Answers(
            network(images),
            read_program(folder / "network.pt2")(images),
            OnnxNetwork(folder / "network.onnx")(images),
            OnnxNetwork(folder / "network.int8.onnx")(images),
        )


def test_the_cases_are_all_operations() -> None:
    assert {v.operation for each in (SHARED, *CASES.values()) for v in each} == set(OPERATIONS)


@pytest.mark.parametrize("case", CASES)
def test_an_operation_is_exported(case: str, answers: Answers) -> None:
    expected = answers.torch[case]
    for found in (answers.program[case], answers.onnx[case]):
        assert found.shape == expected.shape
        assert float((found - expected).abs().max()) <= BAR * float(expected.abs().max())


@pytest.mark.parametrize("case", CASES)
def test_an_operation_survives_int8(case: str, answers: Answers) -> None:
    expected, found = answers.torch[case], answers.int8[case]
    assert found.shape == expected.shape
    # Two hundred and fifty-six steps from the smallest to the largest value, several times over.
    assert float((found - expected).square().mean().sqrt()) < 0.1 * float(expected.std() + 0.1)


PROTOTYPES: dict[str, Callable[[], Graph]] = {
    "resnet": lambda: resnet((3, 13, 11), 10, depth=20, widths=(4, 6, 8)),
    "refinenet": lambda: refinenet(
        (3, 37, 43),
        5,
        depth=18,
        encoder_widths=(4, 6, 8, 8),
        decoder_widths=(6, 6),
        light=False,
        pooling_stages=4,
        dropout=0.1,
    ),
    "detectnet": lambda: detectnet(
        (3, 40, 56), 1, width=0.0625, norm="local_response", large_kernel=5, dropout=0.1
    ),
}


def rewritten(graph: Graph) -> Graph:
    """Return a variation whose regions have one region operation after the other."""
    space = derive(
        graph,
        width_ratios=[0.5, 1.0],
        width_multiple=2,
        operations=list(REGION_OPERATIONS),
        kernels=[3, 5],
        keep=False,
        downsampling=True,
        frozen=[],
    )
    wanted: dict[str, Any] = {}
    for choice in space.choices:
        if choice.name.endswith(".operation"):
            wanted[choice.name] = choice.options[len(wanted) % len(choice.options)]
    return space.apply(space.from_description(wanted))


@pytest.mark.slow
@pytest.mark.parametrize("region_operations", [False, True], ids=["as it is", "rewritten"])
@pytest.mark.parametrize("name", PROTOTYPES)
def test_a_prototype_is_exported(
    name: str,
    region_operations: bool,
    lively: Callable[..., GraphNetwork],
    drawn: Callable[..., Tensor],
    tmp_path: Path,
) -> None:
    graph = PROTOTYPES[name]()
    network = lively(rewritten(graph) if region_operations else graph)
    images = drawn(graph, 9)
    exported = export_network(network, images, tmp_path / "out", calibration=images)
    assert exported.missed == ()
    answer = OnnxNetwork(exported.folder / "network.int8.onnx")(images[:1])
    several = [answer] if isinstance(answer, Tensor) else list(answer.values())
    assert all(bool(torch.isfinite(one).all()) for one in several)
