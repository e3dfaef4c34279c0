"""A saved network comes back whole, anywhere, and damage is named in one line."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import gensynth
from gensynth.errors import DataError
from gensynth.graph.graph import Graph
from gensynth.network import saving
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import load, read_graph, read_metadata, save

BLOCKED = ("hydra", "omegaconf", "lightning", "pytorch_lightning", "mlflow")

LOAD_ALONE = f"""
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {BLOCKED!r}:
            raise ImportError("blocked: " + name)
sys.meta_path.insert(0, Blocker())
import gensynth
assert "torch" not in sys.modules, "import gensynth must not import torch"
import torch
print(gensynth.load(sys.argv[1])(torch.ones(1, 3, 13, 12)).sum().item())
"""


@pytest.fixture
def network(mixed: Callable[..., Graph]) -> GraphNetwork:
    return GraphNetwork(mixed(), torch.Generator().manual_seed(5)).eval()


def test_round_trip(network: GraphNetwork, tmp_path: Path) -> None:
    path = tmp_path / "new" / "network.safetensors"
    save(path, network.to(memory_format=torch.channels_last), {"measurements": {"macs": 12.5}})
    again = load(path)
    assert again.graph == network.graph
    assert not again.training
    before, after = network.state_dict(), again.state_dict()
    assert list(before) == list(after)
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert read_metadata(path) == {"measurements": {"macs": 12.5}}
    assert read_graph(path) == network.graph
    assert list(path.parent.iterdir()) == [path]


def test_gensynth_load_is_load() -> None:
    assert gensynth.load is load
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        gensynth.lod  # noqa: B018


def test_loads_where_hydra_lightning_and_mlflow_are_missing(
    network: GraphNetwork, tmp_path: Path
) -> None:
    path = tmp_path / "network.safetensors"
    save(path, network)
    command = [sys.executable, "-c", LOAD_ALONE, str(path)]
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    expected = network(torch.ones(1, 3, 13, 12)).sum().item()
    assert float(found.stdout) == pytest.approx(expected, rel=1e-4)


def test_an_interrupted_save_leaves_the_old_file(
    network: GraphNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "network.safetensors"
    save(path, network, {"take": 1})

    def half(_tensors: object, target: Path, **_rest: object) -> None:
        target.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(saving, "save_file", half)
    with pytest.raises(OSError, match="disk full"):
        save(path, network, {"take": 2})
    assert read_metadata(path) == {"take": 1}
    assert list(tmp_path.iterdir()) == [path]


def missing(path: Path) -> None:
    path.unlink()


def not_safetensors(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 a zip, perhaps")


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def foreign(path: Path) -> None:
    save_file({"weight": torch.zeros(2)}, path)


def foreign_metadata(path: Path) -> None:
    save_file({"weight": torch.zeros(2)}, path, metadata={"gensynth": "[1, 2]"})


def rewritten(path: Path, **changes: object) -> None:
    about = {"format": 1, "graph": json.loads(load(path).graph.to_json()), "metadata": {}}
    tensors = load_file(path)
    save_file(tensors, path, metadata={"gensynth": json.dumps(about | changes)})


def of_the_future(path: Path) -> None:
    rewritten(path, format=2)


def without_graph(path: Path) -> None:
    rewritten(path, graph={"vertices": []})


def without_a_weight(path: Path) -> None:
    about = {"format": 1, "graph": json.loads(load(path).graph.to_json()), "metadata": {}}
    tensors = load_file(path)
    del tensors["vertices.stem__conv.weight"]
    save_file(tensors, path, metadata={"gensynth": json.dumps(about)})


@pytest.mark.parametrize(
    "damage", [missing, not_safetensors, truncated, foreign, foreign_metadata, of_the_future]
)
def test_a_graph_that_is_read_alone_is_refused_as_the_whole_network_is(
    network: GraphNetwork, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    path = tmp_path / "network.safetensors"
    save(path, network)
    damage(path)
    messages = set()
    for reading in (load, read_graph, read_metadata):
        with pytest.raises(DataError) as error:
            reading(path)
        messages.add(str(error.value))
    assert len(messages) == 1


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (missing, "no such file"),
        (not_safetensors, "not a safetensors file"),
        (truncated, "not a safetensors file, or is damaged"),
        (foreign, "not saved by gensynth"),
        (foreign_metadata, "not saved by gensynth"),
        (of_the_future, "has format 2, this version reads 1"),
        (without_graph, "invalid graph"),
        (without_a_weight, "do not fit its graph at .*stem__conv.weight"),
    ],
)
def test_damage_is_named_in_one_line(
    network: GraphNetwork, tmp_path: Path, damage: Callable[[Path], None], message: str
) -> None:
    path = tmp_path / "network.safetensors"
    save(path, network)
    damage(path)
    with pytest.raises(DataError, match=message) as error:
        load(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
