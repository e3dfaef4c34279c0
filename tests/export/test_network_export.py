"""One call writes every form of a network, compares them, and leaves no half of it behind."""

import copy
from pathlib import Path
from typing import Any

import pytest
import torch

import gensynth
from gensynth.errors import ConfigurationError
from gensynth.export import export_network
from gensynth.export.onnx_network import OnnxNetwork
from gensynth.network.saving import read_metadata

Case = Any


def test_every_file_is_there_with_its_size_and_agreement(detector: Case) -> None:
    exported = detector.exported
    sizes = {path.name: path.stat().st_size for path in exported.folder.iterdir()}
    assert {one.name: one.size_bytes for one in exported.files} == sizes
    compared = {one.name for one in exported.files if one.agreement is not None}
    assert compared == {"network.onnx", "network.pt2", "network.safetensors"}
    assert set(sizes) - compared == {"network.int8.onnx"}
    assert exported.missed == ()
    assert {one.agreement.images for one in exported.files if one.agreement} == {11}
    assert exported.outputs == {"coverage": (2, 5, 4), "boxes": (4, 5, 4)}
    assert (exported.input_name, exported.input_shape, exported.opset) == ("images", (3, 9, 7), 20)


def test_the_saved_network_is_the_same_with_its_metadata(detector: Case) -> None:
    path = detector.path("network.safetensors")
    found, expected = gensynth.load(path).state_dict(), detector.network.state_dict()
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], tensor) for name, tensor in expected.items())
    assert read_metadata(path)["trained"] is True


def test_a_folder_that_exists_is_left_alone(detector: Case, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match="exists already"):
        export_network(detector.network, detector.images, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_nothing_is_left_of_an_export_that_failed(
    detector: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gensynth.export.network_export.write_onnx", broken)
    with pytest.raises(KeyboardInterrupt):
        export_network(detector.network, detector.images, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_file_that_computes_something_else_is_named(
    detector: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = detector.path("network.int8.onnx")
    real = export_network.__globals__["OnnxNetwork"]
    monkeypatch.setitem(export_network.__globals__, "OnnxNetwork", lambda path: real(wrong))
    exported = export_network(detector.network, detector.images, tmp_path / "out")
    assert exported.missed == ("network.onnx",)


@pytest.mark.gpu
def test_a_network_on_a_gpu_is_exported_from_there(detector: Case, tmp_path: Path) -> None:
    network = copy.deepcopy(detector.network).cuda().to(memory_format=torch.channels_last)
    images = detector.images.cuda()
    exported = export_network(network, images, tmp_path / "out", calibration=images)
    assert exported.missed == ()
    assert {tensor.device.type for tensor in network.parameters()} == {"cuda"}
    found = OnnxNetwork(exported.folder / "network.onnx")(images)
    assert {value.device.type for value in found.values()} == {"cuda"}
