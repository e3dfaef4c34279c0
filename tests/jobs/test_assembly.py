"""From a composed configuration to objects that fit each other."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from omegaconf import DictConfig

from gensynth import plugins
from gensynth.errors import ConfigurationError, DataError
from gensynth.jobs import places, resolvers
from gensynth.jobs.assembly import Allowed, assemble, confirmation_of, plain
from gensynth.records import Candidate, Evaluation
from gensynth.requirements import Requirements


@pytest.fixture(autouse=True)
def _composing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv(places.DATA, str(tmp_path))
    plugins.register()
    resolvers.register()
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(places.conf()), version_base="1.3"):
        yield


def tiny(*overrides: str) -> DictConfig:
    return compose("synthesize", ["experiment=tiny", *overrides])


def test_a_quality_that_the_task_does_not_measure_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="quality=miou: task=classification measures acc"):
        assemble(tiny("quality=miou"))


def test_the_prototype_fits_the_data_and_the_space_the_prototype() -> None:
    a = assemble(tiny())
    assert a.graph.input_shape == a.data.input_shape
    (output,) = (a.graph.shapes[name] for _, name in a.graph.outputs)
    assert output == (len(a.data.classes),)
    assert a.space.graph.digest == a.graph.digest


def test_the_score_that_is_measured_is_the_one_that_is_maximised() -> None:
    a = assemble(tiny("performance.alpha=1.0"))
    assert a.metrics["net_score"] is a.performance
    values = {"accuracy": 50.0, "parameters": 1e6, "macs": 1e9}
    assert a.performance.score(values) == pytest.approx(20 * np.log10(50.0))
    other = assemble(tiny("~metrics.net_score"))
    assert other.metrics["net_score"] is other.performance


def test_tables_show_whatever_is_required() -> None:
    words = ["task=segmentation", "+requirements.mean_class_accuracy.at_least=60"]
    assert "mean_class_accuracy" in assemble(compose("synthesize", words)).columns
    assert "mean_class_accuracy" not in assemble(compose("synthesize", words[:1])).columns


def test_missing_data_are_found_out_here() -> None:
    with pytest.raises(DataError, match="cifar"):
        assemble(tiny("data=cifar10")).data.images("train")


def test_only_designs_within_all_bounds_on_exact_costs_are_allowed() -> None:
    a = assemble(tiny())
    bounds = {"parameters": {"at_most": 2000}, "macs": {"at_least": 5000, "at_most": "80%"}}
    prototype = {"parameters": float(a.graph.parameters), "macs": float(a.graph.macs)}
    required = Requirements({**bounds, "accuracy": {"at_least": 99}}).resolve(prototype)
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, a.space.options_per_choice, (60, len(a.space.choices)))
    designs = a.space.repair(drawn)
    expected = []
    for graph in map(a.space.apply, designs):
        cheap = {"parameters": float(graph.parameters), "macs": float(graph.macs)}
        expected.append(required.cheap.met(cheap))
    assert Allowed(a.space, required)(designs).tolist() == expected
    assert 0 < sum(expected) < 60
    free = Requirements({}).resolve({})
    assert Allowed(a.space, free)(designs).all()


def test_the_margin_counts_this_data_set_s_images() -> None:
    a = assemble(tiny("data.confirm_images=123", "data.test_images=45"))
    prototype = Evaluation(Candidate(-1, 0, 0, (), ""), "p", "long", "confirm", "completed")
    found = confirmation_of(Requirements({}).resolve({}), prototype, a, 1.5)
    assert (found.n_confirm, found.n_test, found.z) == (123, 45, 1.5)
    assert found.prototype is prototype


def test_plain_is_resolved_and_plain() -> None:
    cfg = tiny()
    assert plain(cfg.prototype)["widths"] == [4, 8, 8]
    assert plain(cfg)["tracking"]["experiment"] == "gensynth-classification"
