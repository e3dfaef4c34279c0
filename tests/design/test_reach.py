"""The reachable range against all designs of spaces small enough to list."""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from gensynth.design.space import Cost, Designs, DesignSpace, Reach
from gensynth.graph.graph import Graph

Derived = Callable[..., DesignSpace]
SOME: dict[str, Any] = {"operations": ["bottleneck_se", "inverted_bottleneck"], "kernels": [5]}
NONE: dict[str, Any] = {"operations": [], "kernels": []}


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("gated", {}),
        ("crossed", {"downsampling": False}),
        ("crossed", {"width_ratios": []}),
        ("gated", {"width_ratios": [0.3], "width_multiple": 3}),
        ("inception", {"width_ratios": [], **SOME, "kernels": []}),
        ("inception", {"width_ratios": [2.0], "frozen": ["stem.*", "*.unit.conv.width"], **NONE}),
        ("inception", {"width_ratios": [0.2], "width_multiple": 1, **NONE, "downsampling": False,
                       "frozen": ["stem.conv", "tail.conv", "b.deep.*"]}),
        ("fusion", {"width_ratios": [0.5], **SOME, "frozen": ["stem.conv"]}),
    ],
)  # fmt: skip
def test_the_range_is_that_of_all_designs(
    prototypes: dict[str, Graph], derived: Derived, name: str, settings: dict[str, Any]
) -> None:
    space = derived(prototypes[name], **settings)
    assert space.size < 100_000
    every = np.array(list(product(*(range(len(c.options)) for c in space.choices))))
    costs = space.costs(every[space.legal(every)])
    both = (costs.parameters, costs.macs)
    assert space.reach() == Reach(
        smallest=Cost(*(int(each.min()) for each in both)),
        prototype=Cost(space.graph.parameters, space.graph.macs),
        largest=Cost(*(int(each.max()) for each in both)),
        designs=len(every),
    )


def test_no_design_lies_outside(space: DesignSpace, drawn: Callable[..., Designs]) -> None:
    reach, costs = space.reach(), space.costs(drawn(space, 500))
    for each, name in ((costs.parameters, "parameters"), (costs.macs, "macs")):
        assert getattr(reach.smallest, name) <= each.min()
        assert each.max() <= getattr(reach.largest, name)
    assert reach.exact


def test_a_search_that_gives_up_says_so(
    prototypes: dict[str, Graph], derived: Derived, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = derived(prototypes["crossed"])
    best = space.reach()
    monkeypatch.setattr("gensynth.design.reach.FRONTIER", 1)
    found = space.reach()
    assert best.exact
    assert not found.exact
    assert found.smallest.parameters >= best.smallest.parameters
