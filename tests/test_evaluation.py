"""An evaluation depends on its key, on nothing else; what goes wrong in it becomes a record."""

import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, final

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gensynth.data.digits import Digits
from gensynth.data.partition import Split
from gensynth.data.shift import Shift
from gensynth.design.space import DesignSpace, derive
from gensynth.distillation import TeacherLogits
from gensynth.errors import DataError
from gensynth.evaluation import READ, Evaluator, Job, child, measure, score_errors
from gensynth.graph.operations import Shape
from gensynth.inquisitors.probe import Probe, Stimulus
from gensynth.metrics.metric import Metric
from gensynth.metrics.parameters import Parameters
from gensynth.network.graph_network import GraphNetwork
from gensynth.network.saving import load, read_metadata
from gensynth.performance.net_score import NetScore
from gensynth.performance.performance import PerformanceFunction, Values
from gensynth.prototypes.resnet import resnet
from gensynth.records import Candidate, Evaluation, Response
from gensynth.tasks.classification import Classification
from gensynth.training import TimeLimit, Training, evaluate_quality

Make = Callable[..., Evaluator]


def digits(split_seed: int = 0) -> Digits:
    return Digits(
        search_images=80,
        confirm_images=100,
        test_images=100,
        split_seed=split_seed,
        train_images=128,
        size=8,
        augmentation=Shift(shift=1, flip=False, border="zero", seed=0),
    )


@final
class HalfParameters(PerformanceFunction):
    """Half of a metric that was measured before."""

    @property
    def name(self) -> str:
        return "half"

    def score(self, measurements: Mapping[str, Values]) -> Values:
        return measurements["parameters"] / 2


@final
@dataclass(frozen=True)
class Raising(Metric):
    """A metric that fails."""

    error: BaseException

    @property
    def name(self) -> str:
        return "raising"

    def measure(self, network: nn.Module, input_shape: Shape) -> float:
        raise self.error


@final
class Echo(Probe):
    """Answers with what its rng and its stimulus were."""

    def stimuli(self, split: Stimulus, rng: np.random.Generator) -> Stimulus:
        chosen = torch.from_numpy(rng.permutation(len(split.classes))[:4])
        return Stimulus(split.inputs[chosen], split.classes[chosen], split.class_count)

    def respond(self, network: GraphNetwork, stimulus: Stimulus) -> tuple[Response, ...]:
        return (Response("echo", "input", "classes", tuple(stimulus.classes.tolist())),)


@pytest.fixture(scope="module")
def space() -> DesignSpace:
    return derive(
        resnet((1, 8, 8), 10, depth=8, widths=(4, 8, 8)),
        width_ratios=[0.5, 1.0],
        width_multiple=4,
        operations=[],
        kernels=[],
        keep=True,
        downsampling=False,
        frozen=[],
    )


@pytest.fixture(scope="module")
def data() -> Digits:
    return digits()


@pytest.fixture
def make(space: DesignSpace, data: Digits, tmp_path: Path) -> Make:
    """Build an evaluator around an untrained prototype; any argument can be replaced."""
    prototype = GraphNetwork(space.graph, torch.Generator().manual_seed(9))
    training = Training(
        short_epochs=1,
        long_epochs=2,
        prototype_epochs=1,
        batch_size=32,
        learning_rate=0.05,
        warmup=0.2,
        momentum=0.9,
        weight_decay=5e-4,
        gradient_clip=5.0,
        precision="float32",
        channels_last=True,
        inherit=True,
        progress=False,
    )
    task = Classification(label_smoothing=0.0, distillation_weight=0.5, temperature=4.0)
    examples = {
        split: evaluate_quality(prototype, task, data, split, training).examples for split in READ
    }

    def build(**changes: Any) -> Evaluator:
        evaluator = Evaluator(
            space=space,
            data=data,
            task=task,
            training=training,
            prototype=prototype,
            prototype_examples=examples,
            metrics={"parameters": Parameters(), "half": HalfParameters()},
            probes={},
            teacher=TeacherLogits(
                prototype, task, data, tmp_path, batch_size=64, precision="float32", threads=1
            ),
            folder=tmp_path,
            prototype_digest="prototype",
            threads=1,
        )
        return replace(evaluator, **changes)

    return build


@pytest.fixture
def short(space: DesignSpace) -> Job:
    design = tuple(int(n) - 1 for n in space.options_per_choice)
    return Job(Candidate(0, 1, 7, design, space.digest(design)), "short", "search")


def numbers(evaluation: Evaluation) -> Evaluation:
    return replace(evaluation, seconds=0.0)


def test_a_completed_evaluation_holds_quality_costs_and_the_paired_error(
    make: Make, short: Job, space: DesignSpace
) -> None:
    evaluator = make()
    found = evaluator(short)
    assert (found.status, found.cause, found.split) == ("completed", "", "search")
    assert found.key == evaluator.key(short)
    parameters = space.apply(short.candidate.design).parameters
    assert found.measurements["parameters"] == parameters
    assert found.measurements["half"] == parameters / 2
    network = evaluator.build(short.candidate)
    fit = evaluator.training.fit
    fit(network, evaluator.task, evaluator.data, epochs=1, seed=7, teacher=evaluator.teacher)
    again = evaluate_quality(
        network, evaluator.task, evaluator.data, "search", evaluator.training
    ).examples["accuracy"]
    assert found.measurements["accuracy"] == again.mean()
    paired = np.std(again - evaluator.prototype_examples["search"]["accuracy"], ddof=1) / np.sqrt(
        80
    )
    assert found.standard_errors["accuracy_minus_prototype"] == pytest.approx(paired)


def test_equal_keys_mean_equal_numbers_also_in_a_pickled_copy(make: Make, short: Job) -> None:
    evaluator = make(probes={"echo": Echo()})
    copy: Evaluator = pickle.loads(pickle.dumps(evaluator))  # noqa: S301 - our own bytes
    assert copy.key(short) == evaluator.key(short)
    assert numbers(copy(short)) == numbers(evaluator(short)) == numbers(evaluator(short))


def test_a_pickle_carries_no_images_and_one_prototype(make: Make) -> None:
    evaluator = make()
    size = len(pickle.dumps(evaluator))
    weights = len(pickle.dumps(evaluator.prototype))
    evaluator.data.images("train")
    assert len(pickle.dumps(evaluator)) == size
    assert size < 2 * weights + 20_000


@pytest.mark.parametrize(
    "change",
    [
        lambda e, j: (e, replace(j, fidelity="long")),
        lambda e, j: (e, replace(j, candidate=replace(j.candidate, seed=8))),
        lambda e, j: (e, replace(j, candidate=replace(j.candidate, digest="other"))),
        lambda e, j: (replace(e, data=digits(split_seed=1)), j),
        lambda e, j: (replace(e, training=replace(e.training, learning_rate=0.06)), j),
        lambda e, j: (replace(e, training=replace(e.training, short_epochs=2)), j),
        lambda e, j: (replace(e, training=replace(e.training, precision="bfloat16")), j),
        lambda e, j: (replace(e, training=replace(e.training, inherit=False)), j),
        lambda e, j: (replace(e, task=replace(e.task, temperature=2.0)), j),
        lambda e, j: (replace(e, teacher=None), j),
        lambda e, j: (replace(e, prototype_digest="other"), j),
        lambda e, j: (replace(e, threads=2), j),
    ],
)
def test_whatever_changes_a_result_changes_its_key(
    make: Make, short: Job, change: Callable[[Evaluator, Job], tuple[Evaluator, Job]]
) -> None:
    evaluator, job = change(make(), short)
    assert evaluator.key(job) != make().key(short)


def test_what_is_only_shown_has_no_part_in_the_key(make: Make, short: Job) -> None:
    loud = make(training=replace(make().training, progress=True))
    moved = replace(short, candidate=replace(short.candidate, cycle=3, index=5))
    assert loud.key(moved) == loud.quiet().key(short) == make().key(short)
    assert not loud.quiet().training.progress


@pytest.mark.parametrize("error", [RuntimeError("CUDA out\nof memory"), MemoryError("full")])
def test_a_failure_is_a_record_with_its_cause(make: Make, short: Job, error: Exception) -> None:
    evaluator = make(metrics={"raising": Raising(error)})
    found = evaluator(short)
    assert (found.status, found.measurements) == ("failed", {})
    assert found.cause.startswith(type(error).__name__)
    assert "\n" not in found.cause
    assert found.key == evaluator.key(short)
    assert found.seconds > 0


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3)])
def test_an_interruption_is_no_failure(make: Make, short: Job, error: BaseException) -> None:
    evaluator = make(metrics={"raising": Raising(error)})
    with pytest.raises(type(error)):
        evaluator(short)


def test_an_illegal_design_and_a_slow_training_are_failures(make: Make, short: Job) -> None:
    illegal = replace(short, candidate=replace(short.candidate, design=(99,)))
    assert make()(illegal).cause.startswith("InvalidDesign")
    assert "too slow" in make(time_limit_seconds=1e-6)(short).cause


def test_a_short_training_has_its_share_of_the_time_limit(
    make: Make, short: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = []

    def fit(self: Training, *_: object, **settings: Any) -> None:
        (limit,) = (one for one in settings["watchers"] if isinstance(one, TimeLimit))
        limits.append((settings["epochs"], limit.seconds))

    monkeypatch.setattr(Training, "fit", fit)
    evaluator = make(time_limit_seconds=60.0)
    for fidelity in ("short", "long"):
        evaluator(replace(short, fidelity=fidelity))
    assert limits == [(1, 30.0), (2, 60.0)]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(28, "No space left on device"), "No space left on device; put that right"),
        (DataError("the images are gone"), "the images are gone"),
    ],
)
def test_what_is_no_candidate_s_fault_is_not_recorded(
    make: Make, short: Job, error: Exception, told: str
) -> None:
    evaluator = make(metrics={"raising": Raising(error)})
    with pytest.raises(DataError, match=told):
        evaluator(short)


def test_a_network_that_learns_nothing_finite_is_a_failure(make: Make, short: Job) -> None:
    wild = replace(make().training, learning_rate=1e30, gradient_clip=0.0)
    assert make(training=wild)(short).cause.startswith("TrainingFailed")


def test_a_long_evaluation_keeps_its_network(make: Make, short: Job, tmp_path: Path) -> None:
    evaluator = make()
    found = evaluator(replace(short, fidelity="long", split="confirm"))
    kept = tmp_path / found.network
    quality = evaluate_quality(
        load(kept), evaluator.task, evaluator.data, "confirm", evaluator.training
    )
    assert quality.values["accuracy"] == found.measurements["accuracy"]
    assert read_metadata(kept)["measurements"] == found.measurements
    assert evaluator.has_kept(found)
    kept.unlink()
    assert not evaluator.has_kept(found)
    plain = evaluator(short)
    assert plain.network == ""
    assert evaluator.has_kept(plain)


def test_a_network_promoted_in_the_search_is_not_trained_again_to_confirm_it(
    make: Make, short: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluator = make()
    long = replace(short, fidelity="long")
    searched = evaluator(long)
    (tmp_path / "other").mkdir()
    anew = make(folder=tmp_path / "other")(replace(long, split="confirm"))

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(Training, "fit", refuse)
    confirmed = evaluator(replace(long, split="confirm"))
    assert confirmed.measurements == anew.measurements
    assert confirmed.standard_errors == anew.standard_errors
    assert confirmed.key == anew.key != searched.key
    assert (tmp_path / confirmed.network).is_file()
    assert (tmp_path / searched.network).is_file()


@pytest.mark.parametrize("split", READ)
def test_the_difference_to_the_prototype_is_that_on_the_same_images(
    make: Make, short: Job, split: Split
) -> None:
    evaluator = make()
    own = evaluate_quality(
        evaluator.prototype, evaluator.task, evaluator.data, split, evaluator.training
    )
    found = evaluator(replace(short, split=split)).measurements
    gap = found["accuracy"] - own.values["accuracy"]
    assert found["accuracy_minus_prototype"] == pytest.approx(gap, abs=1e-9)


def weights(network: nn.Module) -> dict[str, Tensor]:
    return dict(network.state_dict())


def test_a_child_of_the_same_design_starts_as_the_prototype(make: Make, space: DesignSpace) -> None:
    twin = Candidate(0, 0, 3, space.prototype_design, space.graph.digest)
    evaluator = make()
    heir, stranger = (weights(child(space, twin, p)) for p in (evaluator.prototype, None))
    for name, value in weights(evaluator.prototype).items():
        assert torch.equal(heir[name], value)
    assert not all(torch.equal(heir[name], value) for name, value in stranger.items())
    alone = make(training=replace(evaluator.training, inherit=False)).build(twin)
    assert all(torch.equal(stranger[name], value) for name, value in weights(alone).items())


def test_probes_ask_with_the_candidate_s_seed(make: Make, short: Job) -> None:
    evaluator = make(probes={"echo": Echo()})
    (first,) = evaluator(short).responses
    (second,) = evaluator(replace(short, candidate=replace(short.candidate, seed=8))).responses
    order = np.random.default_rng(7).permutation(128)[:4]
    targets = evaluator.data.images("train")[1]
    assert first.curve == tuple(targets[torch.from_numpy(order)].tolist())
    assert first.curve != second.curve


def test_a_metric_may_use_those_before_it_only(space: DesignSpace) -> None:
    network = GraphNetwork(space.graph)
    with pytest.raises(KeyError):
        measure(network, {}, {"half": HalfParameters(), "parameters": Parameters()})


def test_a_score_is_as_uncertain_as_what_it_is_made_of() -> None:
    net_score = NetScore(quality="accuracy", alpha=2.0, beta=0.5, gamma=0.5)
    measurements = {"accuracy": 90.0, "parameters": 5e4, "macs": 1e7, "net_score": 100.0}
    errors = {"accuracy": 0.5, "accuracy_minus_prototype": 0.2}
    found = score_errors(measurements, errors, {"net_score": net_score, "size": Parameters()})
    slope = 40 / (np.log(10) * 90.0)  # of 20 log10(a^2)
    assert found == {
        "net_score": pytest.approx(slope * 0.5, rel=1e-4),
        "net_score_minus_prototype": pytest.approx(slope * 0.2, rel=1e-4),
    }
    assert score_errors(measurements, {}, {"net_score": net_score}) == {}
