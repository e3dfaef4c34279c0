"""Which choices a prototype offers."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import final

from gensynth.design import downsampling
from gensynth.design.body import body_of
from gensynth.design.choice import Choice, Option, choice
from gensynth.design.layout import spatial_vertices
from gensynth.design.names import near
from gensynth.design.rewrite import DENSE, rounded
from gensynth.design.settings import Settings
from gensynth.errors import ConfigurationError
from gensynth.graph.coupling import coupling_groups
from gensynth.graph.graph import Graph, Region


def offers(graph: Graph, settings: Settings) -> tuple[Choice, ...]:
    """Return the choices in a fixed order: down-sampling, widths, then region by region.

    Args:
        graph: the prototype.
        settings: which families there are, and what is frozen.

    Raises:
        ConfigurationError: a frozen pattern matches no vertex, region or choice, or a pattern of
            operations no body.
    """
    bodies = [region.name for region in graph.regions if region.kind == "body"]
    for pattern in settings.operations_by_pattern:
        if pattern != "*" and not any(fnmatchcase(name, pattern) for name in bodies):
            raise ConfigurationError(
                f"design.operations: {pattern!r} matches no body{near(pattern, bodies)}"
            )
    every = tuple(_Offers(graph, settings, frozenset()).all())
    names = [c.name for c in every]
    regions = {region.name: region.vertices for region in graph.regions}
    frozen: set[str] = set()
    for pattern in settings.frozen:
        vertices = {v.name for v in graph.vertices if fnmatchcase(v.name, pattern)}
        inside = [v for name, v in regions.items() if fnmatchcase(name, pattern)]
        if not vertices and not inside and not any(fnmatchcase(n, pattern) for n in names):
            known = [v.name for v in graph.vertices] + list(regions) + names
            raise ConfigurationError(
                f"design.frozen: {pattern!r} matches no vertex, region or choice"
                f"{near(pattern, known)}"
            )
        frozen |= vertices.union(*inside)
    offered = _Offers(graph, settings, frozenset(frozen)).all()
    return tuple(c for c in offered if not _matches(c.name, settings.frozen))


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


@final
class _Offers:
    """The choices that change no frozen vertex."""

    def __init__(self, graph: Graph, settings: Settings, frozen: frozenset[str]) -> None:
        self.graph = graph
        self.settings = settings
        self.frozen = frozen
        self.groups = coupling_groups(graph)
        self.group_of = {value: g for g in self.groups for value in g.values}
        strides = downsampling.options(graph, frozen) if settings.downsampling else ()
        self.strides: tuple[Option, ...] = strides
        each = [downsampling.strides(graph, option) for option in strides] or [{}]
        self.shapes = [downsampling.strided_shapes(graph, some) for some in each]

    def all(self) -> Iterator[Choice]:
        if len(self.strides) > 1:
            yield choice("downsampling", "graph", self.strides, self.strides[0])
        yield from self.widths()
        bodies = self.outermost_bodies()
        for region in self.graph.regions:
            if self.frozen.isdisjoint(region.vertices):
                if self.settings.keep and self.may_go(region):
                    yield choice("keep", region.name, (False, True), True)
                if region.name in bodies:
                    yield from self.operation(region)
                    yield from self.kernel(region)

    def widths(self) -> Iterator[Choice]:
        multiple = self.settings.width_multiple
        for group in self.groups:
            offered = {rounded(r * group.width, multiple) for r in self.settings.width_ratios}
            options = tuple(sorted(offered | {group.width}))
            changes = not group.frozen and self.frozen.isdisjoint(group.members)
            if group.members and changes and len(options) > 1:
                yield choice("width", group.name, options, group.width)

    def outermost_bodies(self) -> set[str]:
        bodies = [region for region in self.graph.regions if region.kind == "body"]
        bodies.sort(key=lambda body: -len(body.vertices))
        found: dict[str, set[str]] = {}
        for body in bodies:
            if all(inside.isdisjoint(body.vertices) for inside in found.values()):
                found[body.name] = set(body.vertices)
        return set(found)

    def operation(self, region: Region) -> Iterator[Choice]:
        options = tuple(dict.fromkeys((DENSE, *self.settings.operations_of(region.name))))
        if len(options) > 1 and body_of(self.graph, region) is not None:
            yield choice("operation", region.name, options, DENSE)

    def kernel(self, region: Region) -> Iterator[Choice]:
        vertices = [self.graph.by_name[name] for name in spatial_vertices(self.graph, region)]
        own = {int(v["kernel"]) for v in vertices}
        options = tuple(sorted(own.union(self.settings.kernels)))
        if len(own) == 1 and len(options) > 1:
            yield choice("kernel", region.name, options, own.pop())

    def may_go(self, region: Region) -> bool:
        if region.kind == "block":
            return self._is_skippable(region)
        return region.kind == "branch" and self._is_input_of_a_free_concat(region)

    def _is_skippable(self, block: Region) -> bool:
        same_width = self.group_of[block.entry] is self.group_of[block.exit]
        return same_width and all(s[block.entry] == s[block.exit] for s in self.shapes)

    def _is_input_of_a_free_concat(self, branch: Region) -> bool:
        returned = {source for _, source in self.graph.outputs}
        readers = self.graph.consumers[branch.exit]
        if len(readers) != 1 or branch.exit in returned:
            return False
        reader = self.graph.by_name[readers[0]]
        free = not self.group_of[reader.name].frozen
        return reader.operation == "concat" and free and reader.inputs.count(branch.exit) == 1
