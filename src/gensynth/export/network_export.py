"""One network, written in every form that runs without gensynth, and compared with PyTorch."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from torch import Tensor

from gensynth.errors import ConfigurationError
from gensynth.export.agreement import Agreement, compare
from gensynth.export.onnx_file import check_opset, write_onnx
from gensynth.export.onnx_network import OnnxNetwork
from gensynth.export.packages import check_installed
from gensynth.export.program import INPUT, plain_copy, read_program, trace, write_program
from gensynth.export.quantisation import write_int8
from gensynth.graph.operations import Shape
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import load, save

ONNX = "network.onnx"
INT8 = "network.int8.onnx"
PROGRAM = "network.pt2"
SAVED = "network.safetensors"
OPSET = 18
"""ONNX's operator set unless another is asked for: what torch itself writes, and most can read."""

TOLD = ("name", "classes", "mean", "std")
"""What an ONNX file says of the data its network was trained on."""


@final
@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file that was written.

    Args:
        name: in the folder.
        size_bytes: of the file.
        agreement: with PyTorch; None: it is no float32 version of the network.
    """

    name: str
    size_bytes: int
    agreement: Agreement | None


@final
@dataclass(frozen=True, slots=True)
class Exported:
    """What was written of one network.

    Args:
        folder: that holds the files.
        opset: ONNX's operator set.
        input_name: of the one input, (batch, channels, height, width) float32.
        input_shape: of one input.
        outputs: name to shape of one input's answer.
        files: what lies in the folder.
    """

    folder: Path
    opset: int
    input_name: str
    input_shape: Shape
    outputs: Mapping[str, Shape]
    files: tuple[ExportedFile, ...]

    @property
    def missed(self) -> tuple[str, ...]:
        """Names of the files whose answers are too far from PyTorch's."""
        return tuple(
            file.name
            for file in self.files
            if file.agreement is not None and not file.agreement.holds
        )


def export_network(
    network: GraphNetwork,
    images: Tensor,
    folder: str | os.PathLike[str],
    *,
    opset: int = OPSET,
    calibration: Tensor | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Exported:
    """Write a network as ONNX, as a `torch.export` program and as safetensors, and compare each.

    The folder appears when all is done. A file that differs from PyTorch by more than the bar
    stays; `missed` of what is returned names it.

    Args:
        network: on any device; it is not changed.
        images: (n, channels, height, width), real ones as the network reads them (normalised), to
            compare on.
        folder: to be made; must not exist.
        opset: ONNX's operator set.
        calibration: training images as the network reads them: write an int8 ONNX file too, whose
            ranges come from these.
        metadata: what the network was saved with; its `data` is noted in the ONNX file.

    Raises:
        ConfigurationError: the folder exists, packages are missing, or the operator set cannot be
            written.
    """
    check_installed()
    check_opset(opset)
    target = Path(folder)
    if target.exists():
        raise ConfigurationError(f"{target} exists already: name another folder, or move it away")
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    unfinished.mkdir(parents=True)
    try:
        plain, about = plain_copy(network), dict(metadata or {})
        _write(plain, unfinished, opset, about)
        if calibration is not None:
            write_int8(unfinished / ONNX, unfinished / INT8, calibration)
        agreements = {
            ONNX: compare(plain, OnnxNetwork(unfinished / ONNX), images),
            PROGRAM: compare(plain, read_program(unfinished / PROGRAM), images),
            SAVED: compare(plain, load(unfinished / SAVED), images),
        }
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    graph = network.graph
    files = sorted(target.iterdir())
    return Exported(
        folder=target,
        opset=opset,
        input_name=INPUT,
        input_shape=graph.input_shape,
        outputs={name: graph.shapes[vertex] for name, vertex in graph.outputs},
        files=tuple(
            ExportedFile(path.name, path.stat().st_size, agreements.get(path.name))
            for path in files
        ),
    )


def _write(plain: GraphNetwork, folder: Path, opset: int, about: Mapping[str, Any]) -> None:
    save(folder / SAVED, plain, about)
    program = trace(plain)
    write_program(program, folder / PROGRAM)
    outputs = [name for name, _ in plain.graph.outputs]
    data = about.get("data", {})
    told = {key: json.dumps(data[key]) for key in TOLD if key in data}
    write_onnx(program, folder / ONNX, outputs=outputs, opset=opset, about=told)
