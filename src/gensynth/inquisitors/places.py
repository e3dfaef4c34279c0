"""Where a network is probed."""

from gensynth.graph.coupling import coupling_groups
from gensynth.graph.graph import Graph

JOINING = ("add", "multiply", "concat")


def places(graph: Graph) -> tuple[str, ...]:
    """Return the vertices to read, in graph order.

    These are the exit of every region and the sources of the edges that enter an add, multiply or
    concat; and where a width that may be chosen shows in none of them (the inside of a body), the
    last vertex that carries it, so that every width has its curve.
    """
    found = {region.exit for region in graph.regions}
    for vertex in graph.vertices:
        if vertex.operation in JOINING:
            found.update(vertex.inputs)
    for group in coupling_groups(graph):
        if not group.frozen and not group.parts and found.isdisjoint(group.values):
            found.add(group.values[-1])
    return tuple(vertex.name for vertex in graph.vertices if vertex.name in found)
