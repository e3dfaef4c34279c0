"""A saved network served through MLflow computes what the network computes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import mlflow
import numpy as np
import pytest
import torch
from mlflow import pyfunc

from gensynth.graph.graph import Graph
from gensynth.graph.vertex import vertex
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import save
from gensynth.tracking.served import signature, write_model


@pytest.fixture
def pair(graph: Graph) -> Graph:
    """A graph with two outputs, as detectors have them."""
    second = vertex("other", "linear", ["flatten"], features=5)
    return Graph((*graph.vertices, second), (), (*graph.outputs, ("other", "other")))


def written(tmp_path: Path, graph: Graph) -> tuple[str, GraphNetwork]:
    network = GraphNetwork(graph).eval()
    save(tmp_path / "one.safetensors", network)
    facts = {"classes": ["a", "b", "c"]}
    write_model(tmp_path / "model", tmp_path / "one.safetensors", "m-1", facts, traced=True)
    return str(tmp_path / "model"), network


def images(n: int) -> np.ndarray:
    return np.random.default_rng(n).normal(size=(n, 1, 8, 8)).astype(np.float32)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_served_network_equals_the_network(tmp_path: Path, graph: Graph, n: int) -> None:
    folder, network = written(tmp_path, graph)
    with torch.inference_mode():
        expected = network(torch.from_numpy(images(n))).numpy()
        traced = mlflow.pytorch.load_model(folder)(torch.from_numpy(images(n))).numpy()
    np.testing.assert_array_equal(pyfunc.load_model(folder).predict(images(n)), expected)
    np.testing.assert_allclose(traced, expected, rtol=1e-5, atol=1e-6)


def test_several_outputs_keep_their_names(tmp_path: Path, pair: Graph) -> None:
    folder, _ = written(tmp_path, pair)
    served = pyfunc.load_model(folder).predict(images(2))
    with torch.inference_mode():
        traced = mlflow.pytorch.load_model(folder)(torch.from_numpy(images(2)))
    assert list(served) == list(traced) == ["logits", "other"]
    for name, value in traced.items():
        np.testing.assert_allclose(value.numpy(), served[name], rtol=1e-5, atol=1e-6)


def test_signature_names_several_outputs(pair: Graph) -> None:
    outputs = signature(pair).outputs.inputs
    assert [(one.name, one.shape) for one in outputs] == [("logits", (-1, 3)), ("other", (-1, 5))]


def test_model_knows_its_example_its_facts_and_its_id(tmp_path: Path, graph: Graph) -> None:
    folder, _ = written(tmp_path, graph)
    model = pyfunc.load_model(folder)
    example = model.input_example
    assert (example.shape, example.dtype) == ((1, 1, 8, 8), np.float32)
    assert model.predict(example).shape == (1, 3)
    assert model.metadata.metadata == {"classes": ["a", "b", "c"]}
    assert model.model_id == "m-1"
    serving = json.loads((Path(folder) / "serving_input_example.json").read_text())
    np.testing.assert_array_equal(serving["inputs"], example)


def test_model_holds_no_pickled_code_and_no_place(
    tmp_path: Path, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = written(tmp_path, graph)
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")
    mlflow.pytorch.load_model(folder)  # refuses whatever could run code when it is unpickled
    files = [path for path in Path(folder).rglob("*") if path.is_file()]
    assert not {path.suffix for path in files} & {".pkl", ".pickle", ".pt", ".pth"}
    home = str(Path(__file__).parents[2]).encode()
    assert not [path for path in files if home in path.read_bytes()]
    assert "gensynth==" in (Path(folder) / "requirements.txt").read_text()


@pytest.mark.slow
def test_traced_network_needs_no_gensynth(tmp_path: Path, graph: Graph) -> None:
    folder, _ = written(tmp_path, graph)
    code = (
        "import sys, mlflow.pytorch, torch;"
        f"print(mlflow.pytorch.load_model({folder!r})(torch.zeros(3, 1, 8, 8)).shape[1]);"
        "print('gensynth' in sys.modules)"
    )
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, check=True
    )
    assert done.stdout.split() == [b"3", b"False"]
