"""GraphNetwork computes what its graph says, keeps nothing, and exports."""

import copy
import io
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gensynth.errors import InvalidGraph
from gensynth.graph.graph import Graph, vertex
from gensynth.network.graph_network import GraphNetwork, evaluating
from gensynth.prototypes.resnet import resnet

Lively = Callable[..., GraphNetwork]
RESNET_8 = resnet((3, 12, 12), 5, depth=8, widths=(4, 6, 8))


def by_hand(network: GraphNetwork, images: Tensor) -> Any:
    """Run a ResNet-8 from its tensors, written from He et al. 2016, 4.2."""
    state = network.state_dict()

    def unit(value: Tensor, conv: str, norm: str, stride: int = 1) -> Any:
        value = F.conv2d(value, state[f"vertices.{conv}.weight"], stride=stride, padding=1)
        mean, var, scale, shift = (
            state[f"vertices.{norm}.{key}"][:, None, None]
            for key in ("running_mean", "running_var", "weight", "bias")
        )
        return (value - mean) / (var + 1e-5).sqrt() * scale + shift

    value = unit(images, "stem__conv", "stem__norm").relu()
    for stage in (1, 2, 3):
        body = f"stage{stage}__block0__body__"
        stride = 1 if stage == 1 else 2
        inner = unit(value, f"{body}conv1", f"{body}norm1", stride).relu()
        inner = unit(inner, f"{body}conv2", f"{body}norm2")
        past = value[:, :, ::stride, ::stride]
        past = F.pad(past, (0, 0, 0, 0, 0, inner.shape[1] - past.shape[1]))
        value = (inner + past).relu()
    features = value.mean((2, 3))
    return features @ state["vertices.classifier.weight"].T + state["vertices.classifier.bias"]


def test_equals_a_network_written_by_hand(lively: Lively) -> None:
    network = lively(RESNET_8)
    images = torch.randn(4, 3, 12, 12, generator=torch.Generator().manual_seed(0)).double()
    torch.testing.assert_close(network(images), by_hand(network, images), rtol=1e-10, atol=1e-10)


def test_several_outputs_are_a_dict_by_name() -> None:
    vertices = (
        vertex("input", "input", channels=3, height=4, width=4),
        vertex("conv", "conv", ["input"], channels=2, kernel=1),
        vertex("act", "relu", ["conv"]),
    )
    network = GraphNetwork(Graph(vertices, (), (("raw", "conv"), ("rectified", "act"))))
    outputs = network(torch.randn(1, 3, 4, 4, generator=torch.Generator().manual_seed(0)))
    assert set(outputs) == {"raw", "rectified"}
    assert torch.equal(outputs["raw"].relu(), outputs["rectified"])


def test_forward_with_returns_what_the_modules_return(
    mixed: Callable[..., Graph], lively: Lively, images: Tensor
) -> None:
    network = lively(mixed())
    seen: dict[str, Tensor] = {}
    for name in ("se.add", "one.relu"):
        network.vertices[name.replace(".", "__")].register_forward_hook(
            lambda _m, _i, value, name=name: seen.update({name: value})
        )
    output, values = network.forward_with(images, ["se.add", "input", "one.relu"])
    assert list(values) == ["se.add", "input", "one.relu"]
    assert all(torch.equal(values[name], value) for name, value in seen.items())
    assert values["input"] is images
    assert isinstance(output, Tensor)
    assert torch.equal(output, network(images))


def test_forward_with_gives_gradients_of_values(lively: Lively) -> None:
    network = lively(RESNET_8)
    logits, values = network.forward_with(torch.zeros(1, 3, 12, 12).double(), ["pool"])
    assert isinstance(logits, Tensor)
    (gradient,) = torch.autograd.grad(logits[:, 2].sum(), values["pool"])
    weight = network.state_dict()["vertices.classifier.weight"]
    torch.testing.assert_close(gradient.flatten(), weight[2])


def test_forward_with_refuses_an_unknown_vertex() -> None:
    network = GraphNetwork(RESNET_8)
    with pytest.raises(KeyError, match="no vertex 'stage9'"):
        network.forward_with(torch.zeros(1, 3, 12, 12), ["pool", "stage9"])


def test_values_are_freed_after_their_last_use() -> None:
    network = GraphNetwork(RESNET_8).eval()
    alive: list[weakref.ref[Tensor]] = []
    most = 0

    def note(_module: nn.Module, _inputs: tuple[Tensor, ...], value: Tensor) -> None:
        nonlocal most
        alive.append(weakref.ref(value))
        most = max(most, sum(ref() is not None for ref in alive))

    for module in network.vertices.values():
        module.register_forward_hook(note)
    with torch.no_grad():
        network(torch.zeros(1, 3, 12, 12))
    # At most: the block's entry, its shortcut, the inner value, and the one just made from it.
    assert most <= 4
    assert len(alive) == len(RESNET_8.vertices) - 1


def test_evaluating_restores_every_mode_even_after_an_error() -> None:
    network = GraphNetwork(RESNET_8).train()
    network.vertices["stem__norm"].eval()
    modes = [module.training for module in network.modules()]

    def look_on() -> None:
        with evaluating(network):
            assert not any(module.training for module in network.modules())
            assert not network(torch.zeros(1, 3, 12, 12)).requires_grad
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        look_on()
    assert [module.training for module in network.modules()] == modes
    assert torch.is_grad_enabled()


def test_tensor_names_follow_vertex_names() -> None:
    names = dict(GraphNetwork(RESNET_8).named_parameters())
    assert "vertices.stage2__block0__body__conv1.weight" in names
    assert "vertices.stem__norm.bias" in names


def test_a_name_that_torch_reserves_is_refused() -> None:
    vertices = (
        vertex("input", "input", channels=3, height=4, width=4),
        vertex("train", "relu", ["input"]),
    )
    with pytest.raises(InvalidGraph, match="'train' is reserved by torch"):
        GraphNetwork(Graph(vertices, (), (("out", "train"),)))


def test_a_copy_has_its_own_weights() -> None:
    network = GraphNetwork(RESNET_8).eval()
    images = torch.ones(1, 3, 12, 12)
    before = network(images)
    twin = copy.deepcopy(network)
    assert torch.equal(twin(images), before)
    with torch.no_grad():
        twin.state_dict()["vertices.classifier.bias"] += 1
    assert torch.equal(network(images), before)
    torch.testing.assert_close(twin(images), before + 1)


def test_torch_export_equals_the_network_for_any_batch_size() -> None:
    network = GraphNetwork(resnet((3, 32, 32), 10, depth=20, widths=(16, 32, 64))).eval()
    batch = torch.export.Dim("batch", min=1, max=64)
    program = torch.export.export(
        network, (torch.zeros(2, 3, 32, 32),), dynamic_shapes=({0: batch},)
    )
    images = torch.randn(5, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(program.module()(images), network(images))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # inside onnxscript
@pytest.mark.filterwarnings("ignore::FutureWarning")  # inside torch.onnx
def test_onnx_equals_the_network_for_any_batch_size(tmp_path: Path) -> None:
    import onnxruntime

    network = GraphNetwork(resnet((3, 32, 32), 10, depth=20, widths=(16, 32, 64))).eval()
    path = tmp_path / "network.onnx"
    batch = torch.export.Dim("batch", min=1, max=64)
    torch.onnx.export(
        network,
        (torch.zeros(2, 3, 32, 32),),
        path,
        dynamo=True,
        verbose=False,
        dynamic_shapes=({0: batch},),
        input_names=["images"],
        output_names=["logits"],
    )
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    images = torch.randn(5, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    (logits,) = session.run(["logits"], {"images": images.numpy()})
    np.testing.assert_allclose(logits, network(images).detach(), rtol=1e-3, atol=1e-4)


def test_pickles_for_worker_processes() -> None:
    network = GraphNetwork(RESNET_8).eval()
    file = io.BytesIO()
    torch.save(network, file)
    file.seek(0)
    twin = torch.load(file, weights_only=False)
    images = torch.ones(1, 3, 12, 12)
    assert torch.equal(twin(images), network(images))
