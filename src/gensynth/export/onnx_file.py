"""A network as an ONNX file."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.export import ExportedProgram

from gensynth.errors import ConfigurationError
from gensynth.export.program import INPUT
from gensynth.export.quiet import quiet

FIRST_OPSET, LAST_OPSET = 18, 23
"""Of ONNX's operator sets: the first one that torch writes, and the last that is tested here."""
PLACE = "gensynth.output."
"""Begins what outputs are called until they get their names."""


def check_opset(opset: int) -> None:
    """Refuse an operator set that cannot be written.

    Raises:
        ConfigurationError: naming those that can.
    """
    if not FIRST_OPSET <= opset <= LAST_OPSET:
        raise ConfigurationError(f"opset={opset} must lie in {FIRST_OPSET}..{LAST_OPSET}")


def write_onnx(
    program: ExportedProgram,
    path: Path,
    *,
    outputs: Sequence[str],
    opset: int,
    about: Mapping[str, str],
) -> None:
    """Write a program as one ONNX file that takes `images`, (batch, channels, height, width).

    Args:
        program: what to compute.
        path: the file, by convention `*.onnx`.
        outputs: names of the outputs, in the program's order.
        opset: ONNX's operator set.
        about: what the file says of itself, as ONNX's metadata.

    Raises:
        ConfigurationError: the operator set cannot be written.
    """
    import onnx

    check_opset(opset)
    with quiet():
        written = torch.onnx.export(
            program,
            (),
            dynamo=True,
            verbose=False,
            input_names=[INPUT],
            output_names=[f"{PLACE}{place}" for place in range(len(outputs))],
            opset_version=opset,
        )
    assert written is not None
    model = written.model_proto
    _tidy(model)
    _name_outputs(model.graph, outputs)
    for key, value in about.items():
        model.metadata_props.add(key=key, value=value)
    onnx.checker.check_model(model, full_check=True)
    onnx.save_model(model, path)


def _tidy(model: Any) -> None:
    """Call the free axis `batch`; leave out what the exporter notes about itself."""
    (axis,) = {shape.dim[0].dim_param for shape in _shapes(model.graph.input)}
    graph = model.graph
    for value in [*graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer]:
        del value.metadata_props[:]
    del graph.metadata_props[:]
    for shape in _shapes([*graph.input, *graph.output, *graph.value_info]):
        for dimension in shape.dim:
            if dimension.dim_param == axis:
                dimension.dim_param = "batch"


def _name_outputs(graph: Any, outputs: Sequence[str]) -> None:
    """Give the outputs their names; the exporter may have called values inside the same."""
    names = {name: f"{name}.inside" for name in outputs}
    names |= {f"{PLACE}{place}": name for place, name in enumerate(outputs)}
    for value in [*graph.output, *graph.value_info, *graph.initializer]:
        value.name = names.get(value.name, value.name)
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]


def _shapes(values: Sequence[Any]) -> Iterator[Any]:
    yield from (value.type.tensor_type.shape for value in values)
