"""ImageNet weights that torchvision publishes, for the residual encoder of a graph."""

import hashlib
import logging
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.error import URLError

import torch
from torch import Tensor
from torchvision.models import (
    ResNet18_Weights,
    ResNet34_Weights,
    ResNet50_Weights,
    ResNet101_Weights,
    ResNet152_Weights,
    WeightsEnum,
)

from gensynth.errors import ConfigurationError, DataError
from gensynth.graph.graph import Graph
from gensynth.network.graph_network import GraphNetwork, module_name

log = logging.getLogger(__name__)

PUBLISHED: Mapping[int, WeightsEnum] = {
    18: ResNet18_Weights.IMAGENET1K_V1,
    34: ResNet34_Weights.IMAGENET1K_V1,
    50: ResNet50_Weights.IMAGENET1K_V1,
    101: ResNet101_Weights.IMAGENET1K_V1,
    152: ResNet152_Weights.IMAGENET1K_V1,
}
"""Depth to weights; a depth counts the convolutions up to the last block, and a classifier."""

THEIRS = (
    (r"stem\.conv", r"conv1"),
    (r"stem\.norm", r"bn1"),
    (r"(layer\d)\.block(\d+)\.body\.conv(\d)", r"\1.\2.conv\3"),
    (r"(layer\d)\.block(\d+)\.body\.norm(\d)", r"\1.\2.bn\3"),
    (r"(layer\d)\.block(\d+)\.shortcut\.conv", r"\1.\2.downsample.0"),
    (r"(layer\d)\.block(\d+)\.shortcut\.norm", r"\1.\2.downsample.1"),
)
"""Names of an encoder's vertices, and what torchvision calls them."""


def load_pretrained(network: GraphNetwork) -> None:
    """Give the encoder of a network its published weights; all other weights stay.

    Args:
        network: its encoder's vertices are named like those of `prototypes.refinenet`.

    Raises:
        ConfigurationError: it has no encoder of a published depth and width.
        DataError: the weights are not on this machine and cannot be downloaded.
    """
    names = encoder_names(network.graph)
    depth = 2 + sum(".body.conv" in name for name in names)
    if depth not in PUBLISHED:
        known = ", ".join(map(str, PUBLISHED))
        raise ConfigurationError(
            "prototype_pretrained=true needs a prototype with a residual encoder of depth "
            f"{known}, such as prototype=refinenet; this one has none"
        )
    state = network.state_dict()
    published = download(PUBLISHED[depth])
    for name, theirs in names.items():
        for part in _parts(state, name):
            given, own = published[f"{theirs}.{part}"], state[f"{_key(name)}.{part}"]
            if given.shape != own.shape:
                raise ConfigurationError(
                    f"prototype_pretrained=true: {name} has a {part} of {tuple(own.shape)}, the "
                    f"published one {tuple(given.shape)}: use images of 3 channels and "
                    "prototype.encoder_widths=[64,128,256,512]"
                )
            own.copy_(given)
    log.info("prototype: its encoder of depth %d starts with ImageNet weights", depth)


def encoder_names(graph: Graph) -> dict[str, str]:
    """Return the encoder's vertices that have weights, with torchvision's names for them."""
    return {
        vertex.name: re.sub(pattern, theirs, vertex.name)
        for vertex in graph.vertices
        for pattern, theirs in THEIRS
        if re.fullmatch(pattern, vertex.name)
    }


def download(weights: WeightsEnum) -> Mapping[str, Tensor]:
    """Return published weights, from torch's cache or from their source; executes no pickle.

    The names of the published files end with the beginning of their SHA-256, which is checked.

    Raises:
        DataError: they cannot be downloaded, or the file in the cache is not the published one.
    """
    name = weights.url.rpartition("/")[2]
    path = Path(torch.hub.get_dir()) / "checkpoints" / name
    expected = name.partition(".")[0].rpartition("-")[2]
    if path.is_file() and not _sha256(path).startswith(expected):
        raise DataError(f"{path} is not the file its name says: delete it, it is fetched again")
    try:
        found: Mapping[str, Tensor] = weights.get_state_dict(
            progress=False, check_hash=True, weights_only=True
        )
    except (URLError, OSError, RuntimeError) as error:
        raise DataError(
            f"cannot download {weights.url} ({error}): put the file at {path}, or set "
            "prototype_pretrained=false to train from scratch"
        ) from error
    return found


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _key(name: str) -> str:
    return f"vertices.{module_name(name)}"


def _parts(state: Mapping[str, Tensor], name: str) -> list[str]:
    prefix = f"{_key(name)}."
    return [key.removeprefix(prefix) for key in state if key.startswith(prefix)]
