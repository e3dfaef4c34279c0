"""A saved network as an MLflow model, for `mlflow.pyfunc.load_model("models:/...")`; no pickle."""

import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any, final

import numpy as np
import torch
from mlflow.models import ModelSignature
from mlflow.types import Schema, TensorSpec
from numpy.typing import NDArray

from gensynth.graph.graph import Graph
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import load

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # about MLflow's own type hints, each time it is imported
    from mlflow import pyfunc


def write_model(folder: Path, network: Path, graph: Graph) -> None:
    """Write an MLflow model into a new folder: the network's file, a signature, requirements.

    Args:
        folder: created here.
        network: a saved network.
        graph: the network's, for the shapes of the signature.
    """
    needs = [f"{name}=={version(name).partition('+')[0]}" for name in ["gensynth", "torch"]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would like an example, to find out what we declare
        pyfunc.save_model(
            path=str(folder),
            loader_module=__name__,
            data_path=str(network),
            signature=signature(graph),
            pip_requirements=needs,
        )


def signature(graph: Graph) -> ModelSignature:
    """Return the shapes of a batch: float32 images in, one float32 tensor per named output."""
    outputs = [(name, graph.shapes[vertex]) for name, vertex in graph.outputs]
    only = len(outputs) == 1
    return ModelSignature(
        inputs=Schema([_spec(graph.input_shape)]),
        outputs=Schema([_spec(shape, None if only else name) for name, shape in outputs]),
    )


def _spec(shape: tuple[int, ...], name: str | None = None) -> TensorSpec:
    return TensorSpec(np.dtype(np.float32), (-1, *shape), name)


@final
class Served:
    """A network that takes and returns arrays.

    Args:
        network: the loaded network.
    """

    def __init__(self, network: GraphNetwork) -> None:
        self.network = network

    def predict(self, model_input: NDArray[np.float32], params: Any = None) -> Any:
        """Return the output for (n, channels, height, width) normalised images.

        Several named outputs are returned as a dict of arrays. `params` is MLflow's, not used.
        """
        del params
        with torch.inference_mode():
            output = self.network(torch.from_numpy(np.ascontiguousarray(model_input)))
        if isinstance(output, dict):
            return {name: value.numpy() for name, value in output.items()}
        return output.numpy()


def _load_pyfunc(path: str) -> Served:
    """Load the model; MLflow finds this function by its name."""
    return Served(load(path))
