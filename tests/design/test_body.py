"""Which bodies can be rewritten, and where their core is."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from gensynth.design.body import body_of, configured
from gensynth.graph.graph import Graph, Region, Vertex, vertex

Chain = Callable[[Iterable[Vertex]], Graph]
Part = tuple[str, dict[str, Any]]
CONV: Part = ("conv", {"channels": 4, "kernel": 3})
POINT: Part = ("conv", {"channels": 4, "kernel": 1})
NORM: Part = ("batch_norm", {})
RELU: Part = ("relu", {})
POOL: Part = ("max_pool", {"kernel": 3, "stride": 1})
DEPTHWISE: Part = ("depthwise", {"kernel": 3})


def body(chain: Chain, *parts: Part) -> tuple[Graph, Region]:
    names = ["input", *(f"v{number}" for number in range(len(parts)))]
    graph = chain(
        vertex(name, operation, [source], **attributes)
        for name, source, (operation, attributes) in zip(names[1:], names, parts, strict=False)
    )
    return graph, Region("body", "body", "input", names[-1], tuple(names[1:]))


@pytest.mark.parametrize(
    ("parts", "leading", "core"),
    [
        ([CONV, NORM, RELU, CONV, NORM], 0, 5),
        ([CONV, NORM, RELU, CONV, NORM, RELU], 0, 5),
        ([NORM, RELU, CONV, NORM, RELU, CONV], 2, 4),
        ([RELU, POOL, CONV], 2, 1),
        ([POINT, CONV, RELU, POOL], 0, 2),
        ([DEPTHWISE, CONV], 1, 1),
    ],
)
def test_the_core_runs_from_the_first_convolution_to_the_last_norm(
    chain: Chain, parts: list[Part], leading: int, core: int
) -> None:
    graph, region = body(chain, *parts)
    found = body_of(graph, region)
    assert found is not None
    assert (len(found.leading), len(found.core)) == (leading, core)
    assert [v.name for v in found.chain] == list(region.vertices)
    assert found.exchanged("input", found.chain) == found


@pytest.mark.parametrize(
    "parts",
    [
        [POINT, NORM],
        [NORM, RELU],
        [CONV, POOL, CONV],
        [CONV, DEPTHWISE, POINT],
        [CONV, ("shortcut", {"channels": 3})],
    ],
)
def test_other_bodies_stay_as_they_are(chain: Chain, parts: list[Part]) -> None:
    assert body_of(*body(chain, *parts)) is None


def test_a_body_that_is_no_chain_stays_as_it_is(chain: Chain) -> None:
    graph = chain(
        [
            vertex("one", "conv", ["input"], channels=11, kernel=3),
            vertex("two", "add", ["one", "input"]),
        ]
    )
    assert body_of(graph, Region("body", "body", "input", "two", ("one", "two"))) is None


def test_configured_changes_what_is_given_and_nothing_else() -> None:
    old = vertex("c", "conv", ["x"], channels=4, kernel=3)
    assert configured(old, channels=8) == vertex("c", "conv", ["x"], channels=8, kernel=3)
    assert configured(old) == old
