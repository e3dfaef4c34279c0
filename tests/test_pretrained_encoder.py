"""An encoder or backbone with published weights answers as torchvision's network does."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar
from urllib.error import URLError

import pytest
import torch
from torch import Tensor, nn
from torchvision.models import GoogLeNet, ResNet, WeightsEnum, resnet18, resnet50
from torchvision.models.feature_extraction import create_feature_extractor

from gensynth import pretrained_encoder
from gensynth.errors import ConfigurationError, DataError
from gensynth.network.graph_network import GraphNetwork, evaluating
from gensynth.pretrained_encoder import RESNETS, load_pretrained
from gensynth.prototypes.detectnet import Norm, detectnet
from gensynth.prototypes.refinenet import refinenet
from gensynth.prototypes.resnet import resnet

Model = TypeVar("Model", bound=nn.Module)


def network(depth: int = 18, widths: tuple[int, ...] = (64, 128, 256, 512)) -> GraphNetwork:
    graph = refinenet(
        (3, 33, 64),
        11,
        depth=depth,
        encoder_widths=widths,
        decoder_widths=(16, 8),
        light=True,
        pooling_stages=1,
        dropout=0.0,
    )
    return GraphNetwork(graph)


def shuffled(model: Model) -> Model:
    """Give a network running statistics, as training would."""
    rng = torch.Generator().manual_seed(0)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            size = module.running_mean.shape  # type: ignore[union-attr]
            module.running_mean = torch.randn(size, generator=rng) * 0.1
            module.running_var = torch.rand(size, generator=rng) + 0.5
    return model


@pytest.mark.parametrize(("depth", "make"), [(18, resnet18), (50, resnet50)])
def test_features_are_those_of_the_published_network(
    depth: int, make: type[ResNet], monkeypatch: pytest.MonkeyPatch
) -> None:
    published = shuffled(make())
    asked: list[WeightsEnum] = []

    def download(weights: WeightsEnum) -> Mapping[str, Tensor]:
        asked.append(weights)
        return dict(published.state_dict())

    monkeypatch.setattr(pretrained_encoder, "download", download)
    ours = network(depth)
    before = ours.vertices["classifier"].get_parameter("weight").clone()
    load_pretrained(ours)
    assert asked == [RESNETS[depth]]
    assert torch.equal(ours.vertices["classifier"].get_parameter("weight"), before)
    images = torch.randn(2, 3, 33, 64, generator=torch.Generator().manual_seed(1))
    names = [f"layer{stage}" for stage in (1, 2, 3, 4)]
    exits = {
        stage: next(v.name for v in reversed(ours.graph.vertices) if v.name.startswith(stage))
        for stage in names
    }
    extractor = create_feature_extractor(published, names)
    with evaluating(ours), evaluating(extractor):
        _, found = ours.forward_with(images, list(exits.values()))
        expected = extractor(images)
    for stage in names:
        torch.testing.assert_close(found[exits[stage]], expected[stage], rtol=1e-4, atol=1e-4)


def test_every_published_depth_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[WeightsEnum] = []

    def nothing(weights: WeightsEnum) -> Mapping[str, Tensor]:
        asked.append(weights)
        raise DataError("offline")

    monkeypatch.setattr(pretrained_encoder, "download", nothing)
    for depth in RESNETS:
        with pytest.raises(DataError, match="offline"):
            load_pretrained(network(depth, (4, 4, 4, 4)))
    assert asked == list(RESNETS.values())


def test_other_widths_and_other_networks_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretrained_encoder, "download", lambda _: resnet18().state_dict())
    with pytest.raises(ConfigurationError, match=r"encoder_widths=\[64,128,256,512\]"):
        load_pretrained(network(widths=(32, 64, 128, 256)))
    with pytest.raises(ConfigurationError, match="this prototype has none"):
        load_pretrained(GraphNetwork(resnet((3, 32, 32), 10, depth=8, widths=(4, 4, 4))))


def test_a_cached_file_that_is_another_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / RESNETS[18].url.rpartition("/")[2]).write_bytes(b"cos\nsystem")
    with pytest.raises(DataError, match=r"resnet18-.*\.pth is not the file its name says"):
        load_pretrained(network())


def test_without_a_network_connection_it_says_where_the_file_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))

    def offline(*_: object, **__: object) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", offline)
    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", offline)
    with pytest.raises(DataError, match=r"resnet18-.*\.pth .*no route.*checkpoints.*pretrained=f"):
        load_pretrained(network())


def detector(*, norm: Norm = "batch", large_kernel: int = 3, width: float = 1.0) -> GraphNetwork:
    graph = detectnet(
        (3, 64, 96), 1, width=width, norm=norm, large_kernel=large_kernel, dropout=0.0
    )
    return GraphNetwork(graph)


def googlenet() -> GoogLeNet:
    model = GoogLeNet(aux_logits=False, transform_input=True, init_weights=False)
    for name in ("maxpool1", "maxpool2", "maxpool3"):
        setattr(model, name, nn.MaxPool2d(3, 2, 1))  # ours are padded on all sides
    return shuffled(model)


def test_a_backbone_s_features_are_those_of_the_published_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published = googlenet()
    monkeypatch.setattr(pretrained_encoder, "download", lambda _: published.state_dict())
    ours = detector()
    load_pretrained(ours)
    images = torch.randn(2, 3, 64, 96, generator=torch.Generator().manual_seed(1))
    published.maxpool4 = nn.Identity()  # DetectNet has no fourth pooling
    extractor = create_feature_extractor(published, ["conv1", "inception5b"])
    with evaluating(ours), evaluating(extractor):
        _, found = ours.forward_with(images, ["stem1.relu", "inception5b.concat"])
        expected = extractor(images)
    # Three pixels from the border on, where no padded zero is felt.
    inside = (..., slice(2, -2), slice(2, -2))
    torch.testing.assert_close(
        found["stem1.relu"][inside], expected["conv1"][inside], rtol=1e-4, atol=1e-4
    )
    shifted = published
    shifted.transform_input = False
    scale = torch.tensor(pretrained_encoder.INPUT_SCALE).view(-1, 1, 1)
    shift = torch.tensor(pretrained_encoder.INPUT_SHIFT).view(-1, 1, 1)
    plain = create_feature_extractor(shifted, ["inception5b"])
    monkeypatch.setattr(pretrained_encoder, "INPUT_SCALE", (1.0, 1.0, 1.0))
    monkeypatch.setattr(pretrained_encoder, "INPUT_SHIFT", (0.0, 0.0, 0.0))
    load_pretrained(ours)
    with evaluating(ours), evaluating(plain):
        moved = images * scale + shift
        _, found = ours.forward_with(moved, ["inception5b.concat"])
        expected = plain(moved)
    torch.testing.assert_close(
        found["inception5b.concat"], expected["inception5b"], rtol=1e-3, atol=1e-4
    )


def test_backbones_of_other_settings_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    published = googlenet().state_dict()
    monkeypatch.setattr(pretrained_encoder, "download", lambda _: published)
    for other in (detector(width=0.5), detector(large_kernel=5), detector(norm="local_response")):
        with pytest.raises(ConfigurationError, match=r"width=1 .*norm=batch .*large_kernel=3"):
            load_pretrained(other)
