"""The same program on Hydra 1.3 and 1.4."""

import hydra
import pytest
from omegaconf import OmegaConf

from gensynth.jobs import compatibility


def test_version_is_named_exactly_where_hydra_wants_it() -> None:
    old = hydra.__version__.startswith("1.3.")
    assert ({"version_base": "1.3"} if old else {}) == compatibility.VERSION
    assert compatibility.permission(["a.B"]) == ({} if old else {"_execution_whitelist_": ["a.B"]})


@pytest.mark.parametrize("cached", [True, False])
def test_resolvers_can_be_replaced_and_cached(cached: bool) -> None:
    counts = iter(range(10))
    compatibility.register_resolver("counted", lambda: "never")
    compatibility.register_resolver("counted", lambda: next(counts), cached=cached)
    cfg = OmegaConf.create({"a": "${counted:}"})
    assert [cfg.a, cfg.a] == ([0, 0] if cached else [0, 1])
