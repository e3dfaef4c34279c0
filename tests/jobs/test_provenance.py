"""Where a network comes from is told of those that the synthesis knows, and of no others."""

from pathlib import Path
from typing import Any

import pytest

from gensynth.jobs import places
from gensynth.jobs.named_networks import Named, named
from gensynth.jobs.past_run import PastRun
from gensynth.jobs.provenance import candidate_of, design_of, provenance
from gensynth.journal import Journal
from gensynth.network.digest import weights_digest
from gensynth.network.graph_network import GraphNetwork
from gensynth.run_files import JOURNAL


@pytest.fixture
def past(copied: Path, monkeypatch: pytest.MonkeyPatch) -> PastRun:
    monkeypatch.setenv(places.OUTPUTS, str(copied.parents[1]))
    return PastRun.open("last")


def test_the_nominated_one_and_the_kept_ones_are_known(past: PastRun) -> None:
    kept = [e for e in Journal(past.folder / JOURNAL).all() if e.network]
    for evaluation in kept:
        (one,) = named(past, [Path(evaluation.network).stem])
        assert candidate_of(past, one) == evaluation.candidate
        assert provenance(past, one)["network_seed"] == evaluation.candidate.seed
        assert provenance(past, one)["weights"] == weights_digest(one.network)
        design = design_of(past, one)
        space = past.assembly.space
        assert space.from_description(design) == evaluation.candidate.design
    (nominated,) = named(past, [])
    assert candidate_of(past, nominated) in [e.candidate for e in kept]


def test_of_a_stranger_only_what_it_brings_is_told(past: PastRun) -> None:
    network = GraphNetwork(past.prototype.graph)
    stranger = Named("stranger", network, {})
    assert candidate_of(past, stranger) is None
    assert design_of(past, stranger) == {}
    assert "network_seed" not in provenance(past, stranger)
    drawn = Named("drawn", network, {"seed": 7, "design": {"stem.width": 4}})
    assert provenance(past, drawn)["network_seed"] == 7
    assert design_of(past, drawn) == {"stem.width": 4}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "trained on digits"),
        ({"prototype_pretrained": True}, "trained on digits, begun with ImageNet weights"),
        ({"prototype_checkpoint": "a.safetensors"}, "given by the user"),
    ],
)
def test_whose_weights_the_prototype_has(
    past: PastRun, settings: dict[str, Any], told: str
) -> None:
    past.cfg.update(settings)
    found = provenance(past, Named("stranger", past.prototype, {}))
    assert found["prototype_weights"] == told
    assert found["prototype"] == "resnet"
    assert found["prototype_settings"]["depth"] == 8
