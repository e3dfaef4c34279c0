"""Each wrong setting gives one line with its name, the value and what is allowed."""

from collections.abc import Callable
from typing import Any

import pytest

from gensynth.design.space import DesignSpace
from gensynth.errors import ConfigurationError
from gensynth.graph.graph import Graph

Derived = Callable[..., DesignSpace]


@pytest.mark.parametrize(
    ("setting", "value", "line"),
    [
        ("width_ratios", [0.5, 0], "0 is not allowed; allowed: numbers above 0"),
        ("width_ratios", [float("inf")], "inf is not allowed"),
        ("width_ratios", ["half"], "'half' is not allowed"),
        ("width_ratios", 0.5, "0.5 is not allowed; allowed: a list"),
        ("width_multiple", 0, "0 is not allowed; allowed: 1 or more"),
        ("width_multiple", 2.0, "2.0 is not allowed"),
        ("operations", ["dense", "sparse"], "'sparse' is not allowed; allowed: dense, separable,"),
        ("operations", "dense", "'dense' is not allowed; allowed: a list"),
        ("operations", None, "None is not allowed; allowed: a list"),
        ("operations", {"*": "dense"}, "'dense' is not allowed; allowed: a list"),
        ("operations", {"*": ["sparse"]}, "'sparse' is not allowed; allowed: dense, separable,"),
        ("kernels", [3, 4], "4 is not allowed; allowed: odd whole numbers"),
        ("kernels", [1], "1 is not allowed"),
        ("keep", 1, "1 is not allowed; allowed: true or false"),
        ("downsampling", "yes", "'yes' is not allowed; allowed: true or false"),
        ("frozen", [3], "3 is not allowed; allowed: patterns"),
        ("frozen", "stem.*", "allowed: a list"),
        ("frozen", ["stem.conf"], "'stem.conf' matches no vertex, region or choice; near it: stem"),
    ],
)
def test_a_wrong_value_is_refused(
    prototypes: dict[str, Graph], derived: Derived, setting: str, value: Any, line: str
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        derived(prototypes["gated"], **{setting: value})
    message = str(refusal.value)
    assert message.startswith(f"design.{setting}: ")
    assert line in message
    assert "\n" not in message
