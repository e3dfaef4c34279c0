"""Weights that another program saved, as plain tensors, for a graph that is known."""

import os
from collections.abc import Collection, Mapping

from torch import Tensor

from gensynth.errors import DataError
from gensynth.graph.graph import Graph
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import read_tensors


def load_plain(path: str | os.PathLike[str], graph: Graph) -> GraphNetwork:
    """Build a graph's network with a safetensors file's tensors, on the CPU, in evaluation mode.

    The vertex `a.b` has its weight at `vertices.a__b.weight`, as in the network's `state_dict`, or
    at `a.b.weight`.

    Args:
        path: the file; no tensor may be missing or left over. Other precisions are converted.
        graph: what the weights are for.

    Raises:
        DataError: the file is missing or damaged, or does not fit; the first mismatch is named.
    """
    network = GraphNetwork(graph)
    _, tensors = read_tensors(path)
    ours = {_plain(name): name for name in network.state_dict()}
    theirs = {_plain(name): name for name in tensors}
    mismatch = _mismatch(
        {name: network.state_dict()[full] for name, full in ours.items()},
        {name: tensors[full] for name, full in theirs.items()},
        tensors.keys() - theirs.values(),
    )
    if mismatch:
        size = f"{graph.parameters:,} parameters"
        raise DataError(f"{path} does not fit the configured network of {size}: {mismatch}")
    network.load_state_dict({full: tensors[theirs[name]] for name, full in ours.items()})
    return network.eval()


def _plain(name: str) -> str:
    return name.removeprefix("vertices.").replace("__", ".")


def _mismatch(
    ours: Mapping[str, Tensor], theirs: Mapping[str, Tensor], repeated: Collection[str]
) -> str:
    """Return the first thing that does not fit; empty when everything does."""
    for name, tensor in ours.items():
        if name not in theirs:
            return f"it has no tensor {name!r} {_shape(tensor)}"
        if theirs[name].shape != tensor.shape:
            return f"its {name!r} is {_shape(theirs[name])}, not {_shape(tensor)}"
    for name, tensor in theirs.items():
        if name not in ours:
            return f"its tensor {name!r} {_shape(tensor)} has no place there"
    return f"it holds {min(repeated)!r} under two names" if repeated else ""


def _shape(tensor: Tensor) -> str:
    return f"of shape {tuple(tensor.shape)}"
