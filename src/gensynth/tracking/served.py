"""A saved network as an MLflow model, for `mlflow.pytorch` and `mlflow.pyfunc`; no pickled code."""

import json
import warnings
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, final

import numpy as np
import torch
from mlflow.models import Model, ModelSignature
from mlflow.types import Schema, TensorSpec
from numpy.typing import NDArray

from gensynth.graph.graph import Graph
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import load

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # about MLflow's own type hints, each time it is imported
    from mlflow import pyfunc

EXPORTED = Path("torch", "model.pt2")
"""Where `mlflow.pytorch` finds a traced network below a model's folder."""

EXAMPLE = "input_example.json"
SERVING_EXAMPLE = "serving_input_example.json"


def write_model(
    folder: Path, file: Path, model: str, facts: Mapping[str, Any], *, traced: bool
) -> None:
    """Write an MLflow model into a new folder.

    `mlflow.pyfunc` loads the network's own file, with gensynth; `mlflow.pytorch` loads the network
    as torch traced it, which needs torch alone. Signature and requirements are given, not found
    out: that would start a process for many seconds.

    Args:
        folder: created here.
        file: a saved network.
        model: id of the logged model that it becomes.
        facts: what its user must know besides, as plain JSON values.
        traced: whether to trace it, which takes a second per hundred vertices.
    """
    network = load(file)
    shape = network.graph.input_shape
    needs = [f"{name}=={version(name).partition('+')[0]}" for name in ["gensynth", "torch"]]
    about = Model(model_id=model, metadata=dict(facts))
    if traced:
        about.add_flavor(
            "pytorch", model_data=EXPORTED.parent.name, pytorch_version=str(torch.__version__)
        )
    about.saved_input_example_info = {
        "artifact_path": EXAMPLE,
        "serving_input_path": SERVING_EXAMPLE,
        "type": "ndarray",
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would like an example, to find out what we declare
        pyfunc.save_model(
            path=str(folder),
            loader_module=__name__,
            data_path=str(file),
            signature=signature(network.graph),
            pip_requirements=needs,
            mlflow_model=about,
        )
    # MLflow's own way to write an example takes seconds and indents every number of an image.
    image = json.dumps(np.zeros((1, *shape)).tolist(), separators=(",", ":"))
    (folder / EXAMPLE).write_text(image, encoding="utf-8")
    (folder / SERVING_EXAMPLE).write_text(f'{{"inputs":{image}}}', encoding="utf-8")
    if traced:
        export(network, folder / EXPORTED)


def export(network: GraphNetwork, path: Path) -> None:
    """Write a network as torch traces it, for any number of images at once.

    Args:
        network: in evaluation mode, on the CPU.
        path: a new `.pt2` file; its folder is created.
    """
    shape = (2, *network.graph.input_shape)  # of one image, torch would think it is always one
    batch = {0: torch.export.Dim.DYNAMIC}
    program = torch.export.export(network, (torch.zeros(shape),), dynamic_shapes=(batch,))
    # What is kept of the example is one number, and of where the trace went by, nothing.
    program.example_inputs = ((torch.zeros(1).expand(shape),), {})
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.export.save(program, path)


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
