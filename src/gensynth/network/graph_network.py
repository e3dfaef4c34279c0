"""A network that runs a graph: the one executor for every task, prototype and generated network."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import NamedTuple, cast, final

import torch
from torch import Tensor, nn

from gensynth.errors import InvalidGraph
from gensynth.graph.graph import Graph
from gensynth.network.initialisation import as_head, heads, initialise, unnormed_ends
from gensynth.network.modules import build

Output = Tensor | dict[str, Tensor]


class Step(NamedTuple):
    """One line of a network's plan; values are named like the vertices that make them.

    Args:
        module: key of the module to call, in `GraphNetwork.vertices`.
        inputs: values it takes.
        output: value it makes.
        frees: values that nothing later reads.
    """

    module: str
    inputs: tuple[str, ...]
    output: str
    frees: tuple[str, ...]


@final
class GraphNetwork(nn.Module):
    """Runs a graph, one module per vertex, and drops every value after its last use.

    The vertex `a.b` has its tensors at `vertices.a__b` (`weight`, `bias`, `running_mean`, ...).

    Args:
        graph: what to run; kept as `network.graph`.
        rng: decides the initial weights (a generator on the CPU); None: the one seeded with 0.
            Building draws nothing from torch's global generator.

    Raises:
        InvalidGraph: a vertex's name is taken by torch (`type`, `forward`, `train`, ...).
    """

    def __init__(self, graph: Graph, rng: torch.Generator | None = None) -> None:
        super().__init__()
        self.graph = graph
        self.vertices = nn.ModuleDict()
        for v in graph.vertices[1:]:
            key = module_name(v.name)
            if hasattr(self.vertices, key):
                raise InvalidGraph(f"vertex name {v.name!r} is reserved by torch; choose another")
            self.vertices[key] = build(v, [graph.shapes[source] for source in v.inputs])
        self._input = graph.vertices[0].name
        self._plan = _plan(graph)
        initialise(self, rng if rng is not None else torch.Generator().manual_seed(0))
        for name in heads(graph):
            as_head(cast(nn.Conv2d, self.vertices[module_name(name)]))
        for name in unnormed_ends(graph):
            nn.init.zeros_(self.vertices[module_name(name)].get_parameter("weight"))

    def forward(self, images: Tensor) -> Output:
        """Return the output, or a dict of outputs by name if the graph has several.

        Args:
            images: (n, channels, height, width).
        """
        return self._outputs(self._run(images, ()))

    def forward_with(
        self, images: Tensor, names: Collection[str]
    ) -> tuple[Output, dict[str, Tensor]]:
        """Return the output and the values of the named vertices, from one pass.

        Mode and gradients are the caller's: wrap it in `evaluating(network)` to look on without
        either; without it, gradients with respect to the values can be taken.

        Args:
            images: (n, channels, height, width).
            names: vertices of the graph; values are (n, channels, height, width) or (n, features).

        Raises:
            KeyError: the graph has no vertex of a name.
        """
        unknown = sorted(set(names) - set(self.graph.by_name))
        if unknown:
            raise KeyError(f"no vertex {unknown[0]!r}; the graph has {list(self.graph.by_name)}")
        values = self._run(images, names)
        return self._outputs(values), {name: values[name] for name in names}

    def _run(self, images: Tensor, wanted: Collection[str]) -> dict[str, Tensor]:
        values = {self._input: images}
        vertices = self.vertices
        for module, inputs, output, frees in self._plan:
            values[output] = vertices[module](*[values[name] for name in inputs])
            for name in frees:
                if name not in wanted:
                    del values[name]
        return values

    def _outputs(self, values: dict[str, Tensor]) -> Output:
        outputs = self.graph.outputs
        if len(outputs) == 1:
            return values[outputs[0][1]]
        return {name: values[source] for name, source in outputs}


def module_name(name: str) -> str:
    """Return the key of a vertex's module; reversible, since graphs forbid `__` in names."""
    return name.replace(".", "__")


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Evaluate without gradients inside; afterwards every module has its former mode."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training


def _plan(graph: Graph) -> tuple[Step, ...]:
    kept = {source for _, source in graph.outputs}
    last = {source: v.name for v in graph.vertices for source in v.inputs if source not in kept}
    steps = []
    for v in graph.vertices[1:]:
        frees = tuple(name for name in dict.fromkeys(v.inputs) if last.get(name) == v.name)
        steps.append(Step(module_name(v.name), v.inputs, v.name, frees))
    return tuple(steps)
