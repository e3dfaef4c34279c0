"""The predictor: what it learns from readings and from losses."""

import numpy as np
import pytest

from gensynth.design.space import DesignSpace
from gensynth.inquisitors.features import DesignFeatures
from gensynth.inquisitors.losses import LossReader
from gensynth.inquisitors.predictor import Predictor, Reading, read_losses
from gensynth.inquisitors.prior import Prior
from gensynth.records import Response

QUANTITY = "information_bits"


@pytest.fixture(scope="module")
def features(space: DesignSpace, prior: Prior) -> DesignFeatures:
    return DesignFeatures(space, prior)


def curves(space: DesignSpace, heavy: str) -> tuple[Response, ...]:
    """One group needs all its channels, the others only their first."""
    reader = LossReader(space)
    assert reader.read([]) == {}
    responses = []
    for place, name in (
        ("stem.relu", "stem.conv"),
        ("stage3.block2.relu", "stage3.block0.body.conv2"),
    ):
        width = space.graph.shapes[place][0]
        curve = np.linspace(1 / width, 1, width) if name == heavy else np.ones(width)
        responses.append(Response("made_up", place, QUANTITY, tuple(curve.tolist())))
    return tuple(responses)


def narrowed(space: DesignSpace, target: str) -> np.ndarray:
    design = np.array([space.prototype_design])
    i = next(i for i, c in enumerate(space.choices) if c.kind == "width" and c.target == target)
    design[0, i] = 0
    return design


def test_a_precise_reading_of_the_prototype_pins_its_prediction(
    space: DesignSpace, features: DesignFeatures
) -> None:
    reading = Reading(space.prototype_design, False, 2.5, 0.02, ())
    predictor = Predictor(space, features, [reading], {})
    own = features.batch(np.array([space.prototype_design]))
    mean, deviation = predictor.predict(own)
    assert mean[0] == pytest.approx(2.5, abs=0.05)
    assert deviation[0] < 0.2
    assert predictor.predict(own, short=True)[0][0] < mean[0] - 0.3


def test_smaller_networks_are_expected_to_be_worse_and_less_certain(
    space: DesignSpace, features: DesignFeatures
) -> None:
    reading = Reading(space.prototype_design, False, 2.5, 0.02, ())
    predictor = Predictor(space, features, [reading], {})
    designs = np.repeat([space.prototype_design], 3, 0)
    for i, choice in enumerate(space.choices):
        if choice.kind == "width":
            designs[1, i], designs[2, i] = choice.prototype // 2, 0
    mean, deviation = predictor.predict(features.batch(designs))
    assert (np.diff(mean) < 0).all()
    assert (np.diff(deviation) > 0).all()


def test_probing_the_prototype_alone_tells_which_width_matters(
    space: DesignSpace, features: DesignFeatures
) -> None:
    targets = ("stem.conv", "stage3.block0.body.conv2")
    batch = features.batch(np.concatenate([narrowed(space, target) for target in targets]))
    blind = Predictor(space, features, [], {}).predict(batch)[0]
    changes = []
    for heavy in targets:
        reading = Reading(space.prototype_design, False, 2.5, 0.02, curves(space, heavy))
        losses = read_losses(LossReader(space), [reading])
        predictor = Predictor(space, features, [reading], losses)
        changes.append(predictor.predict(batch)[0] - blind)
    assert changes[0][0] < changes[1][0]
    assert changes[1][1] < changes[0][1]


def test_state_is_plain_and_names_every_effect(
    space: DesignSpace, features: DesignFeatures
) -> None:
    state = Predictor(space, features, [], {}).state_dict()
    assert set(state["effects_logits"]) == {column.name for column in features.columns}
    assert all(isinstance(v, float) for v in state["effects_logits"].values())


@pytest.mark.parametrize("gap", [0.3, 1.2])
def test_one_long_training_tells_what_a_long_training_adds(
    space: DesignSpace, features: DesignFeatures, gap: float
) -> None:
    rng = np.random.default_rng(0)
    options = space.options_per_choice
    designs = space.repair(rng.integers(0, options, (60, len(options))))
    seen, unseen = designs[:4], designs[4:]
    costs = features.batch(designs).costs
    logits = 0.1 * np.log2(costs.parameters / costs.parameters.max()) + 1.0
    readings = [Reading((*map(int, d),), True, logits[i], 0.05, ()) for i, d in enumerate(seen)]
    readings += [
        Reading((*map(int, designs[i]),), False, logits[i] + gap, 0.05, ()) for i in range(1)
    ]
    readings.append(Reading(space.prototype_design, False, 1.0 + gap, 0.05, ()))
    predictor = Predictor(space, features, readings, {})
    batch = features.batch(unseen)
    learned = predictor.predict(batch)[0] - predictor.predict(batch, short=True)[0]
    assert abs(learned.mean() - gap) < 0.2
