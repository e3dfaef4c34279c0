"""A program computes what the network does, for any number of images, and knows no folders."""

import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

import gensynth
from gensynth.export.program import plain_copy, read_program

Case = Any


def test_the_copy_is_plain_and_the_network_stays_as_it_was(detector: Case) -> None:
    network = detector.network
    assert network.training
    twin = plain_copy(network.to(memory_format=torch.channels_last))
    assert not twin.training
    weights = twin.state_dict()["vertices.stem.weight"]
    assert weights.is_contiguous()
    assert torch.equal(weights, network.state_dict()["vertices.stem.weight"])
    assert {t.dtype for t in twin.parameters()} == {torch.float32}


@pytest.mark.parametrize("count", [1, 2, 5])
def test_any_number_of_images(detector: Case, count: int) -> None:
    program = read_program(detector.path("network.pt2"))
    images = detector.images[:count]
    found, expected = program(images), plain_copy(detector.network)(images)
    assert list(found) == list(expected) == ["coverage", "boxes"]
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value)


def test_no_folder_of_the_machine_that_wrote_it_is_in_it(detector: Case) -> None:
    places = [str(Path(str(one.__file__)).parent).encode() for one in (gensynth, torch)]
    with zipfile.ZipFile(detector.path("network.pt2")) as archive:
        contents = b"".join(archive.read(name) for name in archive.namelist())
    contents += detector.path("network.onnx").read_bytes()
    assert not [place for place in places if place in contents]
