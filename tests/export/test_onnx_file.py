"""An ONNX file says what it is: operator set, names, free axis, what it was trained on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest

from gensynth.errors import ConfigurationError
from gensynth.export.agreement import compare
from gensynth.export.onnx_file import FIRST_OPSET, LAST_OPSET, check_opset, write_onnx
from gensynth.export.onnx_network import OnnxNetwork
from gensynth.export.program import plain_copy, trace
from gensynth.graph.graph import Graph, vertex

Case = Any


def axes(value: Any) -> list[Any]:
    return [one.dim_param or one.dim_value for one in value.type.tensor_type.shape.dim]


def test_inputs_and_outputs_have_names_and_a_free_batch(detector: Case) -> None:
    model = onnx.load(detector.path("network.onnx"))
    assert {one.name: axes(one) for one in model.graph.input} == {"images": ["batch", 3, 9, 7]}
    outputs = {one.name: axes(one) for one in model.graph.output}
    assert outputs == {"coverage": ["batch", 2, 5, 4], "boxes": ["batch", 4, 5, 4]}


def test_it_has_the_operator_set_that_was_asked_for(detector: Case) -> None:
    model = onnx.load(detector.path("network.onnx"))
    assert [(one.domain, one.version) for one in model.opset_import] == [("", 20)]


@pytest.mark.parametrize("name", ["network.onnx", "network.int8.onnx"])
def test_it_tells_what_its_network_was_trained_on(detector: Case, name: str) -> None:
    told = {one.key: one.value for one in onnx.load(detector.path(name)).metadata_props}
    assert json.loads(told["mean"]) == [0.5, 0.4, 0.3]
    assert json.loads(told["classes"]) == ["a", "b"]


@pytest.mark.parametrize("opset", [FIRST_OPSET, LAST_OPSET])
def test_the_first_and_the_last_operator_set_are_written_and_run(
    detector: Case, tmp_path: Path, opset: int
) -> None:
    network = plain_copy(detector.network)
    path = tmp_path / "a.onnx"
    write_onnx(trace(network), path, outputs=["coverage", "boxes"], opset=opset, about={})
    assert [one.version for one in onnx.load(path).opset_import] == [opset]
    assert compare(network, OnnxNetwork(path), detector.images).holds


@pytest.mark.parametrize("opset", [FIRST_OPSET - 1, LAST_OPSET + 1])
def test_other_operator_sets_are_refused(opset: int) -> None:
    with pytest.raises(ConfigurationError, match=f"opset={opset} must lie in 18..23"):
        check_opset(opset)


def test_an_output_may_be_named_as_the_exporter_names_what_is_inside(
    tmp_path: Path, lively: Callable[..., Any], drawn: Callable[..., Any]
) -> None:
    vertices = (
        vertex("input", "input", channels=2, height=4, width=4),
        vertex("one", "conv", ["input"], channels=2, kernel=1),
        vertex("two", "relu", ["one"]),
        vertex("three", "add", ["two", "input"]),
    )
    names = ["add", "relu", "conv2d"]
    graph = Graph(vertices, (), tuple(zip(names, ["two", "one", "three"], strict=True)))
    network = lively(graph)
    path = tmp_path / "a.onnx"
    write_onnx(trace(network), path, outputs=names, opset=18, about={})
    assert compare(network, OnnxNetwork(path), drawn(graph, 3)).holds
