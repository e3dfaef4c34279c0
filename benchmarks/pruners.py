"""Tools that prune the prototype, and the way down to what still passes the floor."""

import io
import tempfile
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from copy import deepcopy
from pathlib import Path
from typing import Any, cast, final

import torch
import torch_pruning
from prunable import Pick, PickPruner
from sight import Sight
from torch import nn

from gensynth.metrics.macs import Macs
from gensynth.network.graph_network import GraphNetwork

Shrink = Callable[[GraphNetwork, float, Sight], tuple[GraphNetwork, int]]
"""Takes a network, MACs to reach, and sight; returns a smaller one and how many images it took."""


@final
class TorchPruning:
    """Takes whole channels out of a network, by one of Torch-Pruning's importances.

    Args:
        importance: its name in `IMPORTANCES`.
        everywhere: channels of all layers compete; else every layer loses the same share.
    """

    def __init__(self, importance: str, *, everywhere: bool) -> None:
        self._importance, self._everywhere = IMPORTANCES[importance], everywhere
        self._slopes = importance == "taylor"

    def __call__(
        self, network: GraphNetwork, macs: float, sight: Sight
    ) -> tuple[GraphNetwork, int]:
        """Take out channels until at most so many MACs are left, or no more can go."""
        network, looked = deepcopy(network).eval(), 0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it uses what torch calls deprecated
            pruner = torch_pruning.pruner.BasePruner(
                network,
                torch.zeros(1, *network.graph.input_shape),
                importance=self._importance(),
                global_pruning=self._everywhere,
                pruning_ratio=1.0,
                max_pruning_ratio=MOST,
                iterative_steps=STEPS,
                ignored_layers=[m for m in network.modules() if isinstance(m, nn.Linear)],
                customized_pruners={Pick: PickPruner()},
            )
            if self._slopes:  # pruning takes channels out of gradients, too
                loss, looked = sight.loss(network)
                torch.autograd.backward(loss)
            for _ in range(STEPS):
                if counted_macs(network) <= macs:
                    break
                pruner.step()
        network.zero_grad()
        return network, looked


IMPORTANCES: dict[str, Callable[[], Any]] = {
    "l1": lambda: torch_pruning.importance.GroupMagnitudeImportance(p=1),
    "l2": lambda: torch_pruning.importance.GroupMagnitudeImportance(p=2),
    "lamp": torch_pruning.importance.LAMPImportance,
    "taylor": torch_pruning.importance.GroupTaylorImportance,
}
STEPS = 50
MOST = 0.95
"""Share of a layer's channels that may go."""


def fastnas(network: GraphNetwork, macs: float, sight: Sight) -> tuple[GraphNetwork, int]:
    """Search NVIDIA Model Optimizer's FastNAS space: widths by fours, scored by accuracy.

    It does not follow shortcuts that pad, so the widths between blocks stay as they are. Where it
    finds nothing more to choose, the network stays as it is.
    """
    import modelopt.torch.prune as mtp
    from modelopt.torch.opt.conversion import ApplyModeError

    looked = 0

    def score(subnet: nn.Module) -> float:
        nonlocal looked
        accuracy, images = sight.accuracy(subnet)
        looked += images
        return accuracy

    settings = mtp.fastnas.FastNASConfig()
    settings["nn.Conv2d"]["*"]["channel_divisor"] = DIVISOR
    settings["nn.BatchNorm2d"]["*"]["feature_divisor"] = DIVISOR
    given = deepcopy(network).eval().to(memory_format=torch.contiguous_format)
    said = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(said), redirect_stderr(said):
        config = {
            "data_loader": [(images, None) for images in sight.images()],
            "score_func": score,
            "checkpoint": str(Path(folder) / "fastnas.pth"),
            "verbose": False,
        }
        try:
            found, _ = mtp.prune(
                model=given,
                mode=[("fastnas", settings)],
                constraints={"flops": 2 * macs},  # a multiply-add is two of its operations
                dummy_input=torch.zeros(1, *network.graph.input_shape),
                config=config,
            )
        except ApplyModeError:
            return deepcopy(network), looked  # no width is left to choose
        except ValueError as error:
            if "constraints can be satisfied" not in str(error):
                raise
            return deepcopy(network), looked
    return cast(GraphNetwork, found), looked


DIVISOR = 4
"""Its own, 32, would leave nothing to choose from 16, 32 and 64 channels."""


def counted_macs(network: GraphNetwork) -> float:
    """Return multiply-adds for one input, as for any other network."""
    return Macs().measure(network, network.graph.input_shape)


PRUNERS: dict[str, Shrink] = {
    f"torch-pruning-{name}{'' if everywhere else '-layerwise'}": TorchPruning(
        name, everywhere=everywhere
    )
    for name in IMPORTANCES
    for everywhere in (True, False)
}
PRUNERS["fastnas"] = fastnas
FIRST_SHARE, PATIENCE = 0.6, 3
"""Of the MACs that are left at first; trainings without a pass before a step is taken back."""


def by_pruning(
    shrink: Shrink,
    network: GraphNetwork,
    sight: Sight,
    tune: Callable[[GraphNetwork], float],
    look: Callable[[int], None],
    left: Callable[[], int],
) -> None:
    """Prune and train in turn, down to what still passes.

    While a network passes it is pruned to a share of its MACs and trained; if it has not passed
    after some more trainings, the step is taken back and half of it is tried. Weights are kept
    all the way, so that a network has been trained for as long as all before it.

    Args:
        shrink: what prunes.
        network: trained, of `prunable`.
        sight: what it may look at.
        tune: trains a network once more and returns by how many points it passes the floor.
        look: counts images that were looked at, but not in a training.
        left: how many trainings the budget still has.
    """

    def smaller(given: GraphNetwork) -> GraphNetwork:
        found, looked = shrink(given, share * counted_macs(given), sight)
        look(looked)
        return found

    share, passed, waited = FIRST_SHARE, network, 0
    current = smaller(network)
    while left() > 0:
        margin = tune(current)
        waited += 1
        if margin >= 0:
            passed, waited = deepcopy(current), 0
            current = smaller(current)
        elif waited == PATIENCE:
            waited, share = 0, share**0.5
            current = smaller(passed)
