"""The prepared prototype: measured, probed, permuted; the same however its weights came."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from gensynth.design.space import DesignSpace
from gensynth.jobs import places
from gensynth.jobs.assembly import Assembly
from gensynth.jobs.past_run import PastRun
from gensynth.jobs.prepare import Prepared, PrototypeSource, prepare, probes_of
from gensynth.network.digest import weights_digest
from gensynth.network.graph_network import evaluating
from gensynth.network.saving import load


@pytest.fixture(scope="module")
def past(finished: Path) -> Iterator[PastRun]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(places.OUTPUTS, str(finished.parents[1]))
        yield PastRun.open(finished.name)


@pytest.fixture(scope="module")
def source(finished: Path) -> PrototypeSource:
    outputs = finished.parents[1]
    return PrototypeSource(
        outputs / "prototypes", outputs / "teachers", seed=0, pretrained=False, checkpoint=None
    )


@pytest.fixture(scope="module")
def prepared(past: PastRun, source: PrototypeSource) -> Prepared:
    return prepare(past.assembly, probes_of(past.cfg), source)


def test_preparing_again_gives_what_the_run_began_with(past: PastRun, prepared: Prepared) -> None:
    assert prepared.digest == weights_digest(past.prototype)
    assert prepared.evaluation == past.evaluation


def test_it_is_measured_on_confirm_and_its_examples_on_what_candidates_are_measured_on(
    prepared: Prepared,
) -> None:
    evaluation = prepared.evaluation
    assert (evaluation.fidelity, evaluation.split) == ("long", "confirm")
    assert set(prepared.examples) == {"search", "confirm"}
    assert np.mean(prepared.examples["confirm"]["accuracy"]) == evaluation.measurements["accuracy"]


def test_permuting_leaves_its_function_and_puts_probed_channels_in_order(
    past: PastRun, prepared: Prepared, finished: Path
) -> None:
    (cached,) = (finished.parents[1] / "prototypes").glob("*.safetensors")
    raw = load(cached)
    images, _ = past.assembly.data.stimuli(16)
    with evaluating(raw), evaluating(prepared.network):
        ours, theirs = prepared.network(images), raw(images)
    torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)
    assert prepared.digest != weights_digest(raw)
    assert any(response.order for response in prepared.evaluation.responses)


def test_without_probes_nothing_is_permuted(past: PastRun, source: PrototypeSource) -> None:
    (cached,) = source.cache.glob("*.safetensors")
    blind = prepare(past.assembly, {}, source)
    assert blind.digest == weights_digest(load(cached))
    assert blind.evaluation.responses == ()


def test_a_given_checkpoint_takes_the_place_of_training(
    past: PastRun, source: PrototypeSource, prepared: Prepared, tmp_path: Path
) -> None:
    (cached,) = source.cache.glob("*.safetensors")
    given = replace(source, cache=tmp_path / "empty", checkpoint=cached)
    assert prepare(past.assembly, probes_of(past.cfg), given).evaluation == prepared.evaluation
    assert not (tmp_path / "empty").exists()


def test_its_evaluator_evaluates_with_the_executor_s_threads(
    past: PastRun, prepared: Prepared, tmp_path: Path
) -> None:
    a: Assembly = past.assembly
    evaluator = prepared.evaluator(a, {}, tmp_path, 60.0)
    assert evaluator.threads == a.executor.threads == 1
    assert evaluator.prototype_digest == prepared.digest
    assert evaluator.time_limit_seconds == 60.0
    space: DesignSpace = evaluator.space
    assert space.graph.digest == a.graph.digest
