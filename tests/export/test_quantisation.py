"""An int8 file is near the float32 one, and its weights are whole numbers with a scale each."""

from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from gensynth.export.onnx_network import OnnxNetwork
from gensynth.export.program import plain_copy

Case = Any


def test_it_answers_nearly_the_same(detector: Case) -> None:
    found = OnnxNetwork(detector.path("network.int8.onnx"))(detector.images)
    expected = plain_copy(detector.network)(detector.images)
    for name, value in expected.items():
        error = (found[name] - value).square().mean().sqrt() / value.square().mean().sqrt()
        assert 0 < error < 0.1


def test_weights_are_int8_of_seven_bits_with_a_scale_per_channel(detector: Case) -> None:
    model = onnx.load(detector.path("network.int8.onnx"))
    arrays = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    weights = {name: array for name, array in arrays.items() if array.ndim == 4}
    assert len(weights) == 3
    for name, array in weights.items():
        assert array.dtype == np.int8
        assert np.abs(array.astype(int)).max() == 64
        scales = arrays[name.removesuffix("_quantized") + "_scale"]
        assert scales.shape == (len(array),)
        assert len(set(scales.tolist())) == len(array)


def test_any_number_of_images(detector: Case) -> None:
    network = OnnxNetwork(detector.path("network.int8.onnx"))
    everything = network(detector.images)["boxes"]
    assert torch.equal(network(detector.images[:1])["boxes"], everything[:1])
