"""A network in one `.safetensors` file: weights, graph and what was measured; no pickle."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from gensynth.errors import DataError, InvalidGraph
from gensynth.graph.graph import Graph
from gensynth.network.graph_network import GraphNetwork

KEY = "gensynth"
FORMAT = 1


def save(
    path: str | os.PathLike[str], network: GraphNetwork, metadata: Mapping[str, Any] | None = None
) -> None:
    """Write a network, its graph with regions, and metadata; an old file stays whole until then.

    Args:
        path: the file to write, by convention `*.safetensors`; its folder is created.
        network: on any device, in any memory format.
        metadata: anything that JSON can hold, such as the evaluation; read with `read_metadata`.

    Raises:
        TypeError: JSON cannot hold the metadata.
    """
    target = Path(path)
    about = {
        "format": FORMAT,
        "graph": json.loads(network.graph.to_json()),
        "metadata": dict(metadata or {}),
    }
    text = json.dumps(about, sort_keys=True)
    tensors = {name: t.detach().cpu().contiguous() for name, t in network.state_dict().items()}
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        save_file(tensors, unfinished, metadata={KEY: text})
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def load(path: str | os.PathLike[str]) -> GraphNetwork:
    """Rebuild a saved network on the CPU, in evaluation mode.

    Raises:
        DataError: the file is missing, damaged, or not a network that gensynth saved.
    """
    about, tensors = _read(path)
    network = GraphNetwork(_graph(path, about))
    expected = {name: tensor.shape for name, tensor in network.state_dict().items()}
    if expected != {name: tensor.shape for name, tensor in tensors.items()}:
        odd = sorted(
            name
            for name in expected.keys() | tensors.keys()
            if name not in tensors or expected.get(name) != tensors[name].shape
        )
        raise DataError(f"{path} is damaged: its weights do not fit its graph at {odd[:3]}")
    network.load_state_dict(tensors)
    return network.eval()


def read_metadata(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the metadata that a network was saved with.

    Raises:
        DataError: the file is missing, damaged, or not a network that gensynth saved.
    """
    return dict(_noted(path)["metadata"])


def read_graph(path: str | os.PathLike[str]) -> Graph:
    """Return the graph of a saved network; its weights are not read.

    Raises:
        DataError: the file is missing, damaged, or not a network that gensynth saved.
    """
    return _graph(path, _noted(path))


def holds_network(path: str | os.PathLike[str]) -> bool:
    """Return whether a safetensors file was saved by gensynth, graph included.

    Raises:
        DataError: the file is missing or damaged.
    """
    text, _ = read_tensors(path)
    return text is not None


def read_tensors(path: str | os.PathLike[str]) -> tuple[str | None, dict[str, Tensor]]:
    """Return what gensynth noted in a safetensors file (None: nothing), and its tensors by name.

    Raises:
        DataError: the file is missing or damaged.
    """
    with _opened(path) as file:
        text = (file.metadata() or {}).get(KEY)
        return text, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


@contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[Any]:
    if not Path(path).is_file():
        raise DataError(f"no network at {path}: there is no such file")
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            yield file
    except (SafetensorError, OSError) as error:
        raise DataError(f"{path} is not a safetensors file, or is damaged: {error}") from error


def _noted(path: str | os.PathLike[str]) -> dict[str, Any]:
    with _opened(path) as file:
        return _checked(path, (file.metadata() or {}).get(KEY))


def _read(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, Tensor]]:
    text, tensors = read_tensors(path)
    return _checked(path, text), tensors


def _checked(path: str | os.PathLike[str], text: str | None) -> dict[str, Any]:
    about = _parse(text)
    if about is None:
        raise DataError(f"{path} was not saved by gensynth: it holds weights, but no graph")
    if about["format"] != FORMAT:
        raise DataError(f"{path} has format {about['format']}, this version reads {FORMAT}")
    return about


def _graph(path: str | os.PathLike[str], about: Mapping[str, Any]) -> Graph:
    try:
        return Graph.from_json(json.dumps(about["graph"]))
    except InvalidGraph as error:
        raise DataError(f"{path} holds an invalid graph: {error}") from error


def _parse(text: str | None) -> dict[str, Any] | None:
    try:
        about = json.loads(text or "")
    except ValueError:
        return None
    parts = {"format", "graph", "metadata"}
    return about if isinstance(about, dict) and parts <= about.keys() else None
