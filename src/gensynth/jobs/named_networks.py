"""Networks that a user names: files, or what a synthesis kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from gensynth.errors import ConfigurationError
from gensynth.jobs.past_run import PastRun
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import load, read_metadata
from gensynth.run_files import NETWORK, NETWORKS


@final
@dataclass(frozen=True, slots=True)
class Named:
    """A network that was asked for.

    Args:
        name: unique among those that were asked for; the file's, where no other has it.
        network: with the file's weights.
        metadata: what it was saved with.
    """

    name: str
    network: GraphNetwork
    metadata: Mapping[str, Any]

    @property
    def trained(self) -> bool:
        """Whether its weights were trained; the job `generate` notes that they were not."""
        return self.metadata.get("trained") is not False


def named(past: PastRun, names: Sequence[str]) -> list[Named]:
    """Load networks by name or path; without any, the one that the synthesis nominated.

    Raises:
        ConfigurationError: no network is named so, or one takes other inputs.
        DataError: a file is missing or is not a saved network.
    """
    found: dict[str, Named] = {}
    for path in [_found(past, name) for name in names] or [past.folder / NETWORK]:
        network = load(path)
        _check_fits(past, path, network)
        name = _unused(path.stem, found)
        found[name] = Named(name, network, read_metadata(path))
    return list(found.values())


def _found(past: PastRun, name: str) -> Path:
    path = Path(name).expanduser()
    if path.is_file():
        return path
    kept = sorted((past.folder / NETWORKS).glob("*.safetensors"))
    matching = [one for one in kept if one.stem == name or one.stem.rpartition("-")[0] == name]
    if not matching:
        there_are = ", ".join(one.stem for one in kept) or "none"
        raise ConfigurationError(
            f"networks: {name!r} is no file, and {past.folder.name} kept {there_are}"
        )
    return matching[0]


def _unused(name: str, taken: Mapping[str, Named]) -> str:
    number, unused = 1, name
    while unused in taken:
        number += 1
        unused = f"{name}-{number}"
    return unused


def _check_fits(past: PastRun, path: Path, network: GraphNetwork) -> None:
    theirs, ours = list(_ends(network)), list(_ends(past.prototype))
    if theirs != ours:
        raise ConfigurationError(
            f"networks: {path} has inputs and outputs of shapes {theirs}, those of"
            f" run={past.folder.name} are {ours}"
        )


def _ends(network: GraphNetwork) -> Iterator[tuple[int, ...]]:
    graph = network.graph
    yield graph.input_shape
    yield from (graph.shapes[vertex] for _, vertex in graph.outputs)
