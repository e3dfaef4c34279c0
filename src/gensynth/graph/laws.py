"""The laws a graph holds to; each broken one is refused with a line that names the vertex."""

import re
from collections.abc import Mapping, Sequence
from typing import get_args

from gensynth.errors import InvalidGraph
from gensynth.graph.operations import OPERATIONS, Shape
from gensynth.graph.vertex import Region, RegionKind, Vertex

# Dots nest, single underscores join words: so that dots can become `__` in parameter names.
NAME = re.compile(r"[A-Za-z0-9]+(_[A-Za-z0-9]+)*(\.[A-Za-z0-9]+(_[A-Za-z0-9]+)*)*")
KINDS = get_args(RegionKind)

Outputs = Sequence[tuple[str, str]]


def check_names(vertices: Sequence[Vertex], outputs: Outputs) -> None:
    """Refuse odd or repeated names, and anything but one input, in front.

    Raises:
        InvalidGraph: naming the vertex or output.
    """
    _refuse_repeated("vertices", [v.name for v in vertices])
    _refuse_repeated("outputs", [name for name, _ in outputs])
    for name in [v.name for v in vertices] + [name for name, _ in outputs]:
        if not NAME.fullmatch(name):
            raise InvalidGraph(
                f"name {name!r} must be letters, digits and single underscores, with dots between"
            )
    inputs = [v.name for v in vertices if v.operation == "input"]
    if not vertices or inputs != [vertices[0].name]:
        raise InvalidGraph(f"a graph has one input, its first vertex; got inputs {inputs}")


def infer_shapes(vertices: Sequence[Vertex]) -> dict[str, Shape]:
    """Return every vertex's output shape.

    Raises:
        InvalidGraph: naming the vertex whose operation, inputs or attributes are wrong.
    """
    shapes: dict[str, Shape] = {}
    for v in vertices:
        if v.operation not in OPERATIONS:
            raise InvalidGraph(
                f"vertex {v.name!r}: unknown operation {v.operation!r}; one of {sorted(OPERATIONS)}"
            )
        unknown = [source for source in v.inputs if source not in shapes]
        if unknown:
            raise InvalidGraph(
                f"vertex {v.name!r} ({v.operation}): no earlier vertex {unknown[0]!r}"
            )
        attributes = dict(v.attributes)
        if v.attributes != tuple(sorted(attributes.items())):
            raise InvalidGraph(
                f"vertex {v.name!r} ({v.operation}): attributes must be sorted and named once, "
                f"got {v.attributes}; build it with vertex(...)"
            )
        try:
            v.rule.check(len(v.inputs), attributes)
            shapes[v.name] = v.rule.shape([shapes[source] for source in v.inputs], attributes)
        except InvalidGraph as error:
            raise InvalidGraph(f"vertex {v.name!r} ({v.operation}): {error}") from None
    return shapes


def check_outputs(consumers: Mapping[str, Sequence[str]], outputs: Outputs) -> None:
    """Refuse unknown outputs, and vertices that no output needs.

    Raises:
        InvalidGraph: naming the output or the vertex.
    """
    if not outputs:
        raise InvalidGraph("a graph has one named output or more, got none")
    for name, source in outputs:
        if source not in consumers:
            raise InvalidGraph(f"output {name!r} names vertex {source!r}, which does not exist")
    needed = {source for _, source in outputs}
    for name, readers in consumers.items():
        if not readers and name not in needed:
            raise InvalidGraph(f"vertex {name!r} is read by no vertex and is no output; remove it")


def check_regions(
    regions: Sequence[Region],
    by_name: Mapping[str, Vertex],
    consumers: Mapping[str, Sequence[str]],
    outputs: Outputs,
) -> None:
    """Refuse regions with a second entry or exit, and regions that overlap without nesting.

    Raises:
        InvalidGraph: naming the region.
    """
    _refuse_repeated("regions", [region.name for region in regions])
    order = {name: place for place, name in enumerate(by_name)}
    returned = {source for _, source in outputs}
    for region in regions:
        _check_members(region, order)
        _check_border(region, by_name, consumers, returned)
    _check_nesting(regions)


def _check_members(region: Region, order: Mapping[str, int]) -> None:
    if region.kind not in KINDS:
        raise InvalidGraph(
            f"region {region.name!r}: kind must be one of {KINDS}, got {region.kind!r}"
        )
    unknown = [name for name in (region.entry, region.exit, *region.vertices) if name not in order]
    if unknown:
        raise InvalidGraph(f"region {region.name!r}: no vertex {unknown[0]!r}")
    places = [order[name] for name in region.vertices]
    if places != sorted(set(places)):
        raise InvalidGraph(f"region {region.name!r}: vertices must be in graph order, each once")
    if region.exit not in region.vertices or region.entry in region.vertices:
        raise InvalidGraph(
            f"region {region.name!r}: entry {region.entry!r} must lie outside and exit "
            f"{region.exit!r} inside"
        )


def _check_border(
    region: Region,
    by_name: Mapping[str, Vertex],
    consumers: Mapping[str, Sequence[str]],
    returned: set[str],
) -> None:
    inside = set(region.vertices)
    for name in region.vertices:
        for source in by_name[name].inputs:
            if source not in inside and source != region.entry:
                raise InvalidGraph(
                    f"region {region.name!r}: {name!r} reads {source!r} from outside; the one "
                    f"entry is {region.entry!r}"
                )
        if name != region.exit and (name in returned or not inside.issuperset(consumers[name])):
            raise InvalidGraph(
                f"region {region.name!r}: {name!r} is read from outside; the one exit is "
                f"{region.exit!r}"
            )


def _check_nesting(regions: Sequence[Region]) -> None:
    innermost: dict[str, str] = {}
    # From large to small: a region nests exactly when all its vertices lie in the same one so far.
    for region in sorted(regions, key=lambda r: -len(r.vertices)):
        around = {innermost.get(name, "") for name in region.vertices}
        if len(around) > 1:
            raise InvalidGraph(
                f"region {region.name!r} overlaps {max(around)!r}; regions nest or are disjoint"
            )
        innermost |= dict.fromkeys(region.vertices, region.name)


def _refuse_repeated(what: str, names: Sequence[str]) -> None:
    if len(set(names)) != len(names):
        repeated = sorted({name for name in names if names.count(name) > 1})
        raise InvalidGraph(f"names of {what} must differ, got {repeated} more than once")
