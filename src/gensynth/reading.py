"""Reading the test split: once per network, entered in a ledger beside the run."""

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

import numpy as np
from numpy.typing import NDArray

from gensynth.data.data_module import ImageData
from gensynth.errors import DataError
from gensynth.journal import Entry, Ledger
from gensynth.network.digest import weights_digest
from gensynth.network.graph_network import GraphNetwork
from gensynth.pairing import Examples
from gensynth.tasks.bootstrap import Interval
from gensynth.tasks.task import Task
from gensynth.training import Training, evaluate_quality


@final
@dataclass(frozen=True, slots=True)
class Reading:
    """Quality on the test split.

    Args:
        values: measurement name to value.
        standard_errors: of those values.
        intervals: 95 % intervals of those that have them.
        examples: what each image contributes, to compare networks image by image; empty when an
            older version, which did not keep it, read the split.
    """

    values: Mapping[str, float]
    standard_errors: Mapping[str, float]
    intervals: Mapping[str, Interval]
    examples: Examples = field(compare=False)


def read_test(
    network: GraphNetwork, data: ImageData, task: Task, training: Training, ledger: Ledger
) -> Reading:
    """Return the network's quality on the test split; a second reading returns the first one.

    Raises:
        DataError: the test images, or what the ledger holds of this network, cannot be read.
    """
    digest = weights_digest(network)
    found = ledger.find(digest)
    if found is None:
        data.open_test()
        quality = evaluate_quality(network, task, data, "test", training)
        found = {
            "values": dict(quality.values),
            "standard_errors": dict(quality.standard_errors),
            "intervals": {name: list(ends) for name, ends in quality.intervals.items()},
            "examples": {name: _packed(each) for name, each in quality.examples.items()},
        }
        ledger.append(digest, found)
    try:
        return _reading(found)
    except (ValueError, TypeError, AttributeError, zlib.error) as error:
        raise DataError(f"the ledger's entry of network {digest} is damaged: {error}") from error


def _reading(entry: Entry) -> Reading:
    examples = {name: _unpacked(text) for name, text in entry.get("examples", {}).items()}
    intervals = {name: (low, high) for name, (low, high) in entry.get("intervals", {}).items()}
    return Reading(entry["values"], entry["standard_errors"], intervals, examples)


def _packed(each: NDArray[np.float64]) -> str:
    """Return numbers as text, compressed: ten thousand hits and misses are a few kilobytes."""
    return base64.b64encode(zlib.compress(each.astype("<f8").tobytes(), level=9)).decode()


def _unpacked(text: str) -> NDArray[np.float64]:
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), dtype="<f8")
