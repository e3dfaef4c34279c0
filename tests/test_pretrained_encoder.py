"""An encoder with published weights answers as torchvision's network does."""

from collections.abc import Mapping
from pathlib import Path
from urllib.error import URLError

import pytest
import torch
from torch import Tensor, nn
from torchvision.models import ResNet, WeightsEnum, resnet18, resnet50
from torchvision.models.feature_extraction import create_feature_extractor

from gensynth import pretrained_encoder
from gensynth.errors import ConfigurationError, DataError
from gensynth.network.graph_network import GraphNetwork, evaluating
from gensynth.pretrained_encoder import PUBLISHED, load_pretrained
from gensynth.prototypes.refinenet import refinenet
from gensynth.prototypes.resnet import resnet


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


def shuffled(model: ResNet) -> ResNet:
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
    assert asked == [PUBLISHED[depth]]
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
    for depth in PUBLISHED:
        with pytest.raises(DataError, match="offline"):
            load_pretrained(network(depth, (4, 4, 4, 4)))
    assert asked == list(PUBLISHED.values())


def test_other_widths_and_other_networks_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretrained_encoder, "download", lambda _: resnet18().state_dict())
    with pytest.raises(ConfigurationError, match=r"encoder_widths=\[64,128,256,512\]"):
        load_pretrained(network(widths=(32, 64, 128, 256)))
    with pytest.raises(ConfigurationError, match="this one has none"):
        load_pretrained(GraphNetwork(resnet((3, 32, 32), 10, depth=8, widths=(4, 4, 4))))


def test_a_cached_file_that_is_another_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / PUBLISHED[18].url.rpartition("/")[2]).write_bytes(b"cos\nsystem")
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
