"""Children take the first channels of every group, and nothing that is not theirs."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from gensynth.graph.graph import Graph, vertex
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.inheritance import inherit
from gensynth.prototypes.resnet import resnet

Lively = Callable[..., GraphNetwork]
State = dict[str, Tensor]


def copied(network: nn.Module) -> State:
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def test_a_child_of_full_width_is_the_prototype(
    mixed: Callable[..., Graph], lively: Lively, images: Tensor
) -> None:
    prototype, child = lively(mixed(), 1), lively(mixed(), 2)
    assert not torch.equal(child(images), prototype(images))
    assert inherit(child, prototype) == len(prototype.state_dict())
    assert torch.equal(child(images), prototype(images))


def test_a_child_takes_the_first_channels() -> None:
    prototype = GraphNetwork(resnet((3, 16, 16), 10, depth=14, widths=(8, 16, 32)))
    child = GraphNetwork(
        resnet((3, 16, 16), 10, depth=14, widths=(5, 7, 20)), torch.Generator().manual_seed(1)
    )
    assert inherit(child, prototype) == len(child.state_dict())
    whole = prototype.state_dict()
    for name, tensor in child.state_dict().items():
        first = tuple(slice(size) for size in tensor.shape)
        assert torch.equal(tensor, whole[name][first]), name


def test_a_child_equals_a_prototype_whose_other_channels_are_silent(lively: Lively) -> None:
    widths, kept = (8, 16, 32), (5, 7, 20)
    prototype = lively(resnet((3, 16, 16), 10, depth=14, widths=widths))
    child = lively(resnet((3, 16, 16), 10, depth=14, widths=kept), 1)
    inherit(child, prototype)
    with torch.no_grad():
        for name, module in prototype.vertices.items():
            if isinstance(module, nn.BatchNorm2d):
                stage = int(name[5]) - 1 if name.startswith("stage") else 0
                module.weight[kept[stage] :] = 0
                module.bias[kept[stage] :] = 0
                # A silent channel must not come in through a wider stage's shortcut either.
    for stage in (1, 2):
        cut_after(prototype, stage, kept)
    images = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(2)).double()
    torch.testing.assert_close(child(images), prototype(images), rtol=1e-5, atol=1e-9)


def cut_after(network: GraphNetwork, stage: int, kept: tuple[int, ...]) -> None:
    """Silence what a stage's silent channels would still hand to the next one."""
    name = f"stage{stage + 1}__block0__shortcut"
    network.vertices[name].register_forward_hook(
        lambda _m, _i, value: (
            value * (torch.arange(value.shape[1]) < kept[stage - 1])[:, None, None]
        )
    )


def test_behind_a_concat_each_source_gives_its_first_channels(
    mixed: Callable[..., Graph], lively: Lively
) -> None:
    prototype, child = lively(mixed(), 1), lively(mixed(branches=(4, 3, 5)), 2)
    inherit(child, prototype)
    taken = [0, 1, 2, 3, 6, 7, 8, 10, 11, 12, 13, 14]
    whole = prototype.state_dict()["vertices.after__conv.weight"]
    assert torch.equal(child.state_dict()["vertices.after__conv.weight"], whole[:, taken])


@pytest.mark.parametrize(
    ("dropped", "taken"), [("one", [*range(6, 15)]), ("two", [*range(6), *range(10, 15)])]
)
def test_a_dropped_source_takes_its_channels_along(
    mixed: Callable[..., Graph], lively: Lively, dropped: str, taken: list[int]
) -> None:
    prototype, child = lively(mixed(), 1), lively(mixed(dropped=dropped), 2)
    inherit(child, prototype)
    whole = prototype.state_dict()["vertices.after__conv.weight"]
    assert torch.equal(child.state_dict()["vertices.after__conv.weight"], whole[:, taken])


def test_the_last_source_is_found_without_a_concat(lively: Lively) -> None:
    def build(names: list[str]) -> Graph:
        vertices = [vertex("input", "input", channels=3, height=4, width=4)]
        vertices += [vertex(name, "conv", ["input"], channels=2, kernel=1) for name in names]
        if len(names) > 1:
            vertices.append(vertex("join", "concat", names))
        vertices.append(vertex("head", "conv", [vertices[-1].name], channels=2, kernel=1))
        return Graph(tuple(vertices), (), (("out", "head"),))

    prototype, child = lively(build(["a", "b", "c"]), 1), lively(build(["b"]), 2)
    inherit(child, prototype)
    whole = prototype.state_dict()["vertices.head.weight"]
    assert torch.equal(child.state_dict()["vertices.head.weight"], whole[:, 2:4])


def test_a_source_of_another_name_keeps_its_place(lively: Lively) -> None:
    def build(first: str, width: int) -> Graph:
        vertices = (
            vertex("input", "input", channels=3, height=4, width=4),
            vertex(first, "conv", ["input"], channels=width, kernel=1),
            vertex("b", "conv", ["input"], channels=2, kernel=1),
            vertex("join", "concat", [first, "b"]),
            vertex("head", "conv", ["join"], channels=2, kernel=1),
        )
        return Graph(vertices, (), (("out", "head"),))

    prototype, child = lively(build("a", 3), 1), lively(build("rewritten", 2), 2)
    inherit(child, prototype)
    whole = prototype.state_dict()["vertices.head.weight"]
    assert torch.equal(child.state_dict()["vertices.head.weight"], whole[:, [0, 1, 3, 4]])


def test_a_smaller_kernel_is_the_middle(mixed: Callable[..., Graph], lively: Lively) -> None:
    prototype, child = lively(mixed(kernel=5), 1), lively(mixed(kernel=3), 2)
    inherit(child, prototype)
    for name in ("stem__conv", "se__depthwise"):
        key = f"vertices.{name}.weight"
        assert torch.equal(child.state_dict()[key], prototype.state_dict()[key][..., 1:4, 1:4])


def test_a_larger_kernel_computes_the_same(
    mixed: Callable[..., Graph], lively: Lively, images: Tensor
) -> None:
    prototype, child = lively(mixed(kernel=3), 1), lively(mixed(kernel=7), 2)
    inherit(child, prototype)
    torch.testing.assert_close(child(images), prototype(images), rtol=1e-10, atol=1e-12)


def test_a_wider_child_keeps_its_own_values_beyond_the_prototype(
    mixed: Callable[..., Graph], lively: Lively
) -> None:
    prototype, child = lively(mixed(stem=8), 1), lively(mixed(stem=11), 2)
    own = copied(child)
    inherit(child, prototype)
    key = "vertices.stem__conv.weight"
    assert torch.equal(child.state_dict()[key][:8], prototype.state_dict()[key])
    assert torch.equal(child.state_dict()[key][8:], own[key][8:])


def test_other_names_and_operations_keep_their_initialisation(lively: Lively) -> None:
    def build(first: str, second: str) -> Graph:
        width = {"channels": 3} if first == "conv" else {}
        vertices = (
            vertex("input", "input", channels=3, height=4, width=4),
            vertex("a", first, ["input"], kernel=3, bias=True, **width),
            vertex(second, "conv", ["a"], channels=2, kernel=1),
        )
        return Graph(vertices, (), (("out", second),))

    prototype, child = lively(build("conv", "b"), 1), lively(build("depthwise", "c"), 2)
    own = copied(child)
    assert inherit(child, prototype) == 0
    assert all(torch.equal(tensor, own[name]) for name, tensor in child.state_dict().items())


def test_the_prototype_is_left_alone(mixed: Callable[..., Graph], lively: Lively) -> None:
    prototype = lively(mixed(), 1)
    before = copied(prototype)
    child = lively(mixed(stem=3, branches=(1, 2, 3), wide=5, cut=4), 2)
    inherit(child, prototype)
    with torch.no_grad():
        for parameter in child.parameters():
            parameter.zero_()
    assert all(torch.equal(tensor, before[name]) for name, tensor in prototype.state_dict().items())
