"""ImageNet weights that torchvision publishes, for the front of a graph: an encoder, a backbone."""

import hashlib
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final
from urllib.error import URLError

import torch
from torch import Tensor
from torchvision.models import (
    GoogLeNet_Weights,
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

Names = tuple[tuple[str, str], ...]
Weights = Mapping[str, Tensor]

RESNETS: Mapping[int, WeightsEnum] = {
    18: ResNet18_Weights.IMAGENET1K_V1,
    34: ResNet34_Weights.IMAGENET1K_V1,
    50: ResNet50_Weights.IMAGENET1K_V1,
    101: ResNet101_Weights.IMAGENET1K_V1,
    152: ResNet152_Weights.IMAGENET1K_V1,
}
"""Depth to weights; a depth counts the convolutions up to the last block, and a classifier."""

RESIDUAL: Names = (
    (r"stem\.conv", r"conv1"),
    (r"stem\.norm", r"bn1"),
    (r"(layer\d)\.block(\d+)\.body\.conv(\d)", r"\1.\2.conv\3"),
    (r"(layer\d)\.block(\d+)\.body\.norm(\d)", r"\1.\2.bn\3"),
    (r"(layer\d)\.block(\d+)\.shortcut\.conv", r"\1.\2.downsample.0"),
    (r"(layer\d)\.block(\d+)\.shortcut\.norm", r"\1.\2.downsample.1"),
)
"""Names of an encoder's vertices, and what torchvision calls them."""

INCEPTION: Names = tuple(
    (rf"{ours}\.{part}", rf"{theirs}.{named}")
    for ours, theirs in (
        (r"stem1", r"conv1"),
        (r"stem2\.reduce", r"conv2"),
        (r"stem2\.wide", r"conv3"),
        (r"(inception\d\w)\.one", r"\1.branch1"),
        (r"(inception\d\w)\.middle\.reduce", r"\1.branch2.0"),
        (r"(inception\d\w)\.middle\.wide", r"\1.branch2.1"),
        (r"(inception\d\w)\.large\.reduce", r"\1.branch3.0"),
        (r"(inception\d\w)\.large\.wide", r"\1.branch3.1"),
        (r"(inception\d\w)\.pool\.project", r"\1.branch4.1"),
    )
    for part, named in (("conv", "conv"), ("norm", "bn"))
)
"""Likewise of `prototypes.detectnet`."""

THEIR_EPSILON, OUR_EPSILON = 1e-3, 1e-5
"""What GoogLeNet's norms add to a variance, and what the norms of a graph's network do."""

INPUT_SCALE = (0.229 / 0.5, 0.224 / 0.5, 0.225 / 0.5)
INPUT_SHIFT = ((0.485 - 0.5) / 0.5, (0.456 - 0.5) / 0.5, (0.406 - 0.5) / 0.5)
"""From images normalised as ImageNet's to what GoogLeNet's first convolution was trained on."""


@final
@dataclass(frozen=True, slots=True)
class Published:
    """Weights for the front of a graph.

    Args:
        weights: what to download.
        names: patterns of vertices, and what torchvision calls them.
        fitting: settings of a prototype that they fit.
        adapted: changes them to what computes the same in a graph's network.
    """

    weights: WeightsEnum
    names: Names
    fitting: str
    adapted: Callable[[Weights], Weights]

    def vertices(self, graph: Graph) -> dict[str, str]:
        """Return the vertices that have weights here, with torchvision's names for them."""
        return _renamed(graph, self.names)


def load_pretrained(network: GraphNetwork) -> None:
    """Give the front of a network its published weights; all other weights stay.

    Args:
        network: its vertices are named like those of `prototypes.refinenet` or
            `prototypes.detectnet`.

    Raises:
        ConfigurationError: no weights are published for a front of its kind, depth and width.
        DataError: the weights are not on this machine and cannot be downloaded.
    """
    published = published_for(network.graph)
    if published is None:
        known = ", ".join(map(str, RESNETS))
        raise ConfigurationError(
            f"prototype_pretrained=true needs a residual encoder of depth {known}, as in "
            "prototype=refinenet, or GoogLeNet's modules, as in prototype=detectnet; this "
            "prototype has none"
        )
    state = network.state_dict()
    weights = published.adapted(download(published.weights))
    for name, theirs in published.vertices(network.graph).items():
        for part in _parts(state, name):
            own = state[f"{_key(name)}.{part}"]
            given = weights.get(f"{theirs}.{part}")
            if given is None or given.shape != own.shape:
                has = "no such part" if given is None else f"one of {tuple(given.shape)}"
                raise ConfigurationError(
                    f"prototype_pretrained=true: {name} has a {part} of {tuple(own.shape)}, the "
                    f"published network {has}: use images of 3 channels and {published.fitting}"
                )
            own.copy_(given)
    log.info("prototype: starts with the ImageNet weights %s", published.weights)


def published_for(graph: Graph) -> Published | None:
    """Return the weights for a graph's front, or None."""
    depth = 2 + sum(".body.conv" in name for name in _renamed(graph, RESIDUAL))
    if depth in RESNETS:
        widths = "prototype.encoder_widths=[64,128,256,512]"
        return Published(RESNETS[depth], RESIDUAL, widths, lambda weights: weights)
    if _renamed(graph, INCEPTION):
        settings = "prototype.width=1 prototype.norm=batch prototype.large_kernel=3"
        return Published(GoogLeNet_Weights.IMAGENET1K_V1, INCEPTION, settings, from_googlenet)
    return None


def from_googlenet(weights: Weights) -> Weights:
    """Return GoogLeNet's weights for images normalised as ImageNet's and for a graph's norms.

    torchvision scales and shifts its input first: the scale goes into the first convolution, the
    shift into the mean that follows (at the image's border, where zeros are padded, the shift is
    felt a little).
    """
    found = dict(weights)
    for name in weights:
        if name.endswith("running_var"):
            found[name] = weights[name] + (THEIR_EPSILON - OUR_EPSILON)
    first = weights["conv1.conv.weight"]
    moved = first.sum((2, 3)) @ first.new_tensor(INPUT_SHIFT)
    found["conv1.bn.running_mean"] = weights["conv1.bn.running_mean"] - moved
    found["conv1.conv.weight"] = first * first.new_tensor(INPUT_SCALE)[:, None, None]
    return found


def _renamed(graph: Graph, names: Names) -> dict[str, str]:
    return {
        vertex.name: re.sub(pattern, theirs, vertex.name)
        for vertex in graph.vertices
        for pattern, theirs in names
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
