"""A network as a `torch.export` program: PyTorch runs it without gensynth."""

import copy
from pathlib import Path

import torch
from torch import nn
from torch.export import Dim, ExportedProgram

from gensynth.export.quiet import quiet
from gensynth.network.graph_network import GraphNetwork

INPUT = "images"
"""Name of the one input."""


def plain_copy(network: GraphNetwork) -> GraphNetwork:
    """Return a copy in evaluation mode, float32, in plain memory order on the CPU."""
    twin = copy.deepcopy(network).cpu().float().eval()
    return twin.to(memory_format=torch.contiguous_format)


def trace(network: GraphNetwork) -> ExportedProgram:
    """Record what a network computes in evaluation mode, for any number of images."""
    # With one image in the example, the program would take no other number.
    example = torch.zeros(2, *network.graph.input_shape)
    with quiet():
        shapes = ({0: Dim("batch", min=1)},)
        program = torch.export.export(plain_copy(network), (example,), dynamic_shapes=shapes)
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)  # names folders of this machine
    return program


def write_program(program: ExportedProgram, path: Path) -> None:
    """Write a program, by convention `*.pt2`."""
    with quiet():
        torch.export.save(program, path)


def read_program(path: Path) -> nn.Module:
    """Return a program as a module for (n, channels, height, width) images."""
    with quiet():
        return torch.export.load(path).module()
