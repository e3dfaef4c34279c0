"""An ONNX file behaves like the module that it was made of."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from gensynth.export.onnx_file import write_onnx
from gensynth.export.onnx_network import OnnxNetwork
from gensynth.export.program import plain_copy, trace
from gensynth.graph.graph import Graph, vertex
from gensynth.network.graph_network import evaluating

Case = Any


@pytest.mark.parametrize("count", [1, 3])
def test_several_outputs_are_a_dict_by_name(detector: Case, count: int) -> None:
    images = detector.images[:count].contiguous(memory_format=torch.channels_last)
    found = OnnxNetwork(detector.path("network.onnx"))(images)
    expected = plain_copy(detector.network)(images)
    assert list(found) == list(expected)
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=1e-4, atol=1e-5)


def test_one_output_is_a_tensor(
    tmp_path: Path, lively: Callable[..., Any], drawn: Callable[..., Any]
) -> None:
    vertices = (
        vertex("input", "input", channels=2, height=4, width=4),
        vertex("relu", "relu", ["input"]),
    )
    graph = Graph(vertices, (), (("logits", "relu"),))
    write_onnx(trace(lively(graph)), tmp_path / "a.onnx", outputs=["logits"], opset=18, about={})
    images = drawn(graph, 3)
    assert torch.equal(OnnxNetwork(tmp_path / "a.onnx")(images), images.relu())


def test_it_computes_in_float32_whatever_the_precision_around_it(detector: Case) -> None:
    network = OnnxNetwork(detector.path("network.onnx"))
    expected = network(detector.images)["boxes"]
    with evaluating(network), torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(network(detector.images)["boxes"], expected)
        assert torch.equal(network(detector.images.double())["boxes"], expected)
