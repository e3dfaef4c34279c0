"""Reading the test split: once per network, entered in a ledger beside the run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from gensynth.data.data_module import ImageData
from gensynth.journal import Ledger
from gensynth.network.digest import weights_digest
from gensynth.network.graph_network import GraphNetwork
from gensynth.tasks.task import Task
from gensynth.training import Training, evaluate_quality


@final
@dataclass(frozen=True, slots=True)
class Reading:
    """Quality on the test split.

    Args:
        values: measurement name to value.
        standard_errors: of those values.
    """

    values: Mapping[str, float]
    standard_errors: Mapping[str, float]


def read_test(
    network: GraphNetwork, data: ImageData, task: Task, training: Training, ledger: Ledger
) -> Reading:
    """Return the network's quality on the test split; a second reading returns the first one."""
    digest = weights_digest(network)
    found = ledger.find(digest)
    if found is None:
        data.open_test()
        quality = evaluate_quality(network, task, data, "test", training)
        found = {"values": dict(quality.values), "standard_errors": dict(quality.standard_errors)}
        ledger.append(digest, found)
    return Reading(found["values"], found["standard_errors"])
