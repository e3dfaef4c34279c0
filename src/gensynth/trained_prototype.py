"""The prototype with its weights: trained once and cached, or given; then permuted."""

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import torch
from filelock import FileLock

from gensynth.data.data_module import ImageData
from gensynth.errors import ConfigurationError
from gensynth.graph.graph import Graph
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.permutation import channel_orders, permute
from gensynth.network.plain_weights import load_plain
from gensynth.network.saving import holds_network, load, save
from gensynth.pretrained_encoder import load_pretrained
from gensynth.records import Response
from gensynth.tasks.task import Task
from gensynth.training import Training

log = logging.getLogger(__name__)


def trained_prototype(
    graph: Graph,
    data: ImageData,
    task: Task,
    training: Training,
    *,
    folder: Path,
    seed: int,
    pretrained: bool = False,
) -> GraphNetwork:
    """Return the trained prototype, from the cache when the same one was trained before.

    Args:
        graph: its architecture.
        data: trained on the train split.
        task: its loss.
        training: the recipe.
        folder: the cache, shared by all runs; one process trains while others wait.
        seed: of initialisation and batch order.
        pretrained: start its encoder with published ImageNet weights.

    Raises:
        ConfigurationError: it has no encoder that weights are published of.
        DataError: they cannot be downloaded.
    """
    untaught = task.untaught()
    parts = [graph.digest, data.digest, training.prototype_digest, untaught.digest, seed]
    parts += ["ImageNet"] if pretrained else []
    key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
    path = folder / f"{key}.safetensors"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        if path.exists():
            log.info("prototype: trained before, %s", path)
        else:
            log.info("prototype: training for %d epochs", training.prototype_epochs)
            network = GraphNetwork(graph, torch.Generator().manual_seed(seed))
            if pretrained:
                load_pretrained(network)
            training.fit(network, untaught, data, epochs=training.prototype_epochs, seed=seed)
            save(path, network, {"data": data.describe()})
    # Whoever trained it goes on with what is read back: memory order decides last digits.
    return load(path)


def given_prototype(graph: Graph, checkpoint: Path) -> GraphNetwork:
    """Return the user's prototype from a saved network, or from plain weights that fit the graph.

    Args:
        graph: the configured prototype's.
        checkpoint: a file of `gensynth.load`, or any safetensors file; see `load_plain`.

    Raises:
        DataError: the file is missing or damaged, or its tensors do not fit the graph.
        ConfigurationError: it holds another architecture than the configured prototype.
    """
    if not holds_network(checkpoint):
        return load_plain(checkpoint, graph)
    network = load(checkpoint)
    if network.graph.digest != graph.digest:
        raise ConfigurationError(
            f"prototype_checkpoint={checkpoint} holds another graph ({network.graph.parameters:,}"
            f" parameters) than the configured prototype ({graph.parameters:,}): change the"
            " prototype=... settings to those it was trained with"
        )
    return network


def permuted_prototype(network: GraphNetwork, responses: Sequence[Response]) -> GraphNetwork:
    """Return the same function with every coupling group's channels in the probed order.

    Where several probes answer at one place, its channels are ordered by their average rank.
    A child then inherits the first w channels of each group and needs no list of kept ones.
    """
    orders: dict[str, list[Sequence[int]]] = {}
    for one in responses:
        if one.order:
            orders.setdefault(one.place, []).append(one.order)
    if not orders:
        return network
    rankings = {place: _by_mean_rank(several) for place, several in orders.items()}
    return permute(network, channel_orders(network.graph, rankings))


def _by_mean_rank(orders: Sequence[Sequence[int]]) -> list[int]:
    """Return channels by their average rank over several orders of them; ties in channel order."""
    ranks = torch.stack([torch.tensor(order).argsort() for order in orders]).double()
    channels: list[int] = ranks.mean(0).argsort(stable=True).tolist()
    return channels
