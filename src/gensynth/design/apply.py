"""A graph and a design make a graph."""

from typing import final

from gensynth.design.choice import Option
from gensynth.design.columns import Designs, survival, widths
from gensynth.design.layout import Layout
from gensynth.design.rewrite import DENSE, Rewriting, rewrite
from gensynth.graph.graph import Graph, Region, Vertex


def apply(layout: Layout, design: Designs) -> Graph:
    """Return the variation of the prototype that a legal design describes.

    Deterministic; the prototype's own design gives a graph equal to the prototype.

    Args:
        layout: where the choices act.
        design: (choices,) option indices.
    """
    return _Application(layout, design).run()


@final
class _Application:
    """Copies the prototype vertex by vertex.

    `value` says which new vertex carries the value of a prototype's vertex; `written` which new
    vertices were made of it.
    """

    def __init__(self, layout: Layout, design: Designs) -> None:
        row = design[None]
        self.layout = layout
        self.design = [int(option) for option in design]
        self.alive = {name: bool(mask[0]) for name, mask in survival(layout, row).alive.items()}
        self.widths = {name: int(width[0]) for name, width in widths(layout, row).items()}
        self.names = frozenset(v.name for v in layout.graph.vertices)
        self.value: dict[str, str] = {}
        self.written: dict[str, tuple[Vertex, ...]] = {}

    def run(self) -> Graph:
        graph = self.layout.graph
        rewritten = self.rewritten_bodies()
        for v in graph.vertices:
            if self.alive[v.name]:
                if v.name not in rewritten:
                    self.copy(v)
                elif v.name in self.layout.bodies:
                    self.rewrite(v.name, rewritten[v.name])
            self.skip_dropped_block(v.name)
        regions = (self.region(region) for region in graph.regions)
        return Graph(
            tuple(new for vertices in self.written.values() for new in vertices),
            tuple(region for region in regions if region is not None),
            tuple((name, self.value[source]) for name, source in graph.outputs),
        )

    def option(self, index: int) -> Option:
        return self.layout.choices[index].options[self.design[index]]

    def rewritten_bodies(self) -> dict[str, str]:
        """Return the vertices of bodies that do not stay dense, with the body's operation."""
        return {
            v.name: str(self.option(operation))
            for body, operation in self.layout.bodies.values()
            for v in body.chain
            if self.option(operation) != DENSE
        }

    def copy(self, v: Vertex) -> None:
        inputs = tuple(self.value[source] for source in self.kept_inputs(v))
        if len(inputs) < v.rule.arity[0]:  # a concat of one value is that value
            self.value[v.name] = inputs[0]
            return
        new = self.configure(v)
        self.write(v.name, (Vertex(new.name, new.operation, inputs, new.attributes),))

    def rewrite(self, leave: str, operation: str) -> None:
        body, _ = self.layout.bodies[leave]
        width = self.widths[self.layout.group_of[body.entry]]
        chain = [self.configure(v) for v in body.chain]
        rewriting = Rewriting(operation, width, self.layout.multiple, self.names)
        self.write(leave, rewrite(body.exchanged(self.value[body.entry], chain), rewriting))

    def write(self, name: str, vertices: tuple[Vertex, ...]) -> None:
        self.written[name] = vertices
        self.value[name] = vertices[-1].name

    def configure(self, v: Vertex) -> Vertex:
        kernel, strided = self.layout.kernels.get(v.name), self.layout.downsampling
        return self.layout.configure(
            v,
            self.widths,
            None if kernel is None else int(self.option(kernel)),
            0 if strided is None else self.design[strided],
        )

    def kept_inputs(self, v: Vertex) -> list[str]:
        keeps = self.layout.branches.get(v.name, (None,) * len(v.inputs))
        both = zip(v.inputs, keeps, strict=True)
        return [source for source, keep in both if keep is None or self.option(keep)]

    def skip_dropped_block(self, name: str) -> None:
        for entry, keep in self.layout.blocks.get(name, ()):
            if not self.option(keep) and entry in self.value:
                self.value[name] = self.value[entry]
                return

    def region(self, old: Region) -> Region | None:
        inside = frozenset(old.vertices)
        names = tuple(
            new.name
            for owner, vertices in self.written.items()
            if owner in inside
            for new in vertices
        )
        leave = self.value.get(old.exit)
        if leave not in names:
            return None
        return Region(old.name, old.kind, self.value[old.entry], leave, names)
