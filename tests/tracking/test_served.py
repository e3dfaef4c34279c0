"""A saved network served through MLflow computes what the network computes."""

from pathlib import Path

import numpy as np
import torch
from mlflow import pyfunc

from gensynth.graph.graph import Graph
from gensynth.graph.vertex import vertex
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import save
from gensynth.tracking.served import signature, write_model


def test_served_network_equals_the_network(tmp_path: Path, graph: Graph) -> None:
    network = GraphNetwork(graph).eval()
    save(tmp_path / "one.safetensors", network)
    write_model(tmp_path / "model", tmp_path / "one.safetensors", graph)
    images = np.random.default_rng(0).normal(size=(3, 1, 8, 8)).astype(np.float32)
    served = pyfunc.load_model(str(tmp_path / "model")).predict(images)
    with torch.inference_mode():
        expected = network(torch.from_numpy(images))
    np.testing.assert_array_equal(served, expected.numpy())


def test_model_folder_holds_no_pickle(tmp_path: Path, graph: Graph) -> None:
    save(tmp_path / "one.safetensors", GraphNetwork(graph))
    write_model(tmp_path / "model", tmp_path / "one.safetensors", graph)
    kinds = {path.suffix for path in (tmp_path / "model").rglob("*") if path.is_file()}
    assert not kinds & {".pkl", ".pickle", ".pt", ".pth"}
    requirements = (tmp_path / "model" / "requirements.txt").read_text()
    assert "gensynth==" in requirements


def test_signature_names_several_outputs(graph: Graph) -> None:
    second = vertex("other", "linear", ["flatten"], features=5)
    both = Graph((*graph.vertices, second), (), (*graph.outputs, ("other", "other")))
    outputs = signature(both).outputs.inputs
    assert [(one.name, one.shape) for one in outputs] == [("logits", (-1, 3)), ("other", (-1, 5))]
